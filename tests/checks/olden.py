"""What version 0.1's first ledgers kept of one picture, drawing 3 of 256 pixels: 1536 bytes, in base 85."""

import zlib
from base64 import b85decode

KEPT_BEFORE = zlib.decompress(
    b85decode(
        "c-"
        "j?`OKe+J9>&i(_a5Kt_akv^C${1^iR)J!XQne75E2^@4*@d*7G2B&u|Nn>HlW#z#Hbp|g3%zMp&eQ}6DV!kI*vnIQ~|?)K!BhlB%tLHwT+vHo%rq"
        "R`#6t#FJ|}uKIxPG`h6b&{mSnzpH3b>cl_OxmrgEtj{pCy*U$ZF)hZYB<pT$cpRGTbetISJ+xHjmu6$a0_5xno^pho)zoYtfdEu4G?2(1=?;fsxb"
        "aCbcDkSpHpH8f<obRrFQ#zb^ZT`!Zw^sjo`D*!a{=@2@E03Jn&z#Brea?C6N-lN&>VoIsbLU@Jz3bS)*s-*|{B-"
        "Wl>7#42@7|HPZ~Un@UQ3=h^N0A6(wX$%URqz?S@~D`$GlNEls~)v>il2k|M$)tng1-mocVtJMCJDB+F2$4Nuhe7xVV&AD~8TT-"
        "@a71k^Cz2Kz6xYE2P#Am#>t*Sv9MJ;<J_img2eZbKe%fy!d2gx$wx+N2ffqf1Lj7%9Ba$?C0s~{ISaEHxFfI=aQ@Ul)fswxNzw8%Wr=?rT+W=Q?A"
        "_c+@qDfvU2j7#ElE3cOIK+&HpCz#knWe4rX7>zLGzZ?p2QFm#g;{s>M$iH)j{hpOh}HeQ>FK^3C$K^gptXm-G31N-"
        "wO(iw~_`DIP7|yV9zzSKhlM0=?bA2ttGerA<XB2%-"
        "~>gpZBH$ObeT?R8p~fJ7uAWQBvH16cyFvN2?tUfV_p3kXgGBvF9GBjL2mMxLl(Tb9K=a4aC`Mzhvx$D%Oka!-"
        "kn>~7Vkby~arvof?C?r6Z}^)P5b>^A%hKi%Bw#m7gHxjD_M|Fq4Np&T$H(?k%w6KY&aB*2gW13^)BX?1%Xih>vF`7LhI{>Ba=fC)YuJAxur4Cv_m"
        "xVPKv?XZB$WD>$YLGJYXwyWE5U<7QzWcYS%kE1bUc05BC6^9&A0h*RS){q_jR>W>Pu!UzFT*Xe=1So=b4x|7ND=KtBDT<v)4vMA#WQ2<Wt^!eHqS"
        "qHfBMQwQc6u&fR||9LS1?F3oL(qt&8;6MB>Cr!J!yoN2>_$e6zaBW*ZZ-eSl@0aSXX4Pj0Rnt00W|_O1S6~AOMsnWuIsRo%_Zzd^l|C2|+|K4h#!"
        "QjT(kykz5X-"
        "8PIcKIAXb}Akjg&fG50*<l1!@gd#>Z!e+a+CwP$M3~T<)+P>gNl4x^o?`~~T<ia<1n|)|%1cWevB2e@Ob+`})qoN!F09+%tuD2<gPT5FCHUK7vex"
        "FDw<;;}3s!FkCY-@~BD~Jiv2?bu@ZZ+z4LP>XvFrn2T24jT#vCBbte`{MIq_symSKEY%PHdQA$x?MgYj+IR=y1-B0g=L!I67}jJu-^w&{8*alQ@-"
        "zY_VW2<Z}-KUY(d&G3B720c>-"
        "xFd@hX9DOGkG&OEUV>VN1ETRQNQ|eTVC?bKqTm5i4NV%9<2&o_)Fq(#=?u?>QSs|gr#)^wU*7c=$Q?fgo8p3X3bQLYOm_u~H0+?!?vm4h$o3`yeb"
        "$`;`(+sFXG%z?diC@}RZW%QyQ(ZSOGa1lEKA+9OZl5Z3A<)&~xSw!Jm__utrG(}uG~!W}y$uy3+9SY^T4p}tPNfBPK-kc_ef7H*Wr1|k*k${J$@r"
        "uN2K$7Yq_OdxS;$6_X4`yR5}h+DQhQpb3*=U+=)nQYDO)!4lqOv!<U?JP;~>tJkT){->!@au#VAiWs79UgM1<7Y<V=Wj(`v`Y%;~Jg4Z|n8b=f-"
        "`;X`6VMyNlT@+p*PB+Ma(KqIOO4K0*PPa8wsP_}Q&rZ(tlea=T8ISaF1Xd7M4Q1=I;Rj8et9BmNWALA5QoWoxLlwtTl"
    )
)
