"""Tables: each row an order, whatever program wrote it."""

from __future__ import annotations

import codecs

import pytest

from stockgen.jobfile import read


def subjects(request):
    return [(order.subject or order.prompt, order.count, order.line) for order in request.orders]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_locales_separator_is_found_out(csv, separator):
    rows = [["키워드", "개수"], ["벚꽃", "5"], ["바다", "3"]]
    request = csv("\r\n".join(separator.join(row) for row in rows))
    assert subjects(request) == [("벚꽃", 5, 2), ("바다", 3, 3)]


def test_a_cell_with_the_separator_in_quotes_is_one_cell(csv):
    assert subjects(csv('keywords;count\n"a; b, c";2\n')) == [("a; b, c", 2, 2)]
    assert csv('keywords,tags\na,"b, c"\n').orders[0].tags == ("b", "c")


def test_the_line_that_names_excels_separator_is_no_row(csv):
    assert subjects(csv('"sep=;"\nkeywords;count\na;2\n')) == [("a", 2, 3)]
    assert subjects(csv("sep=|\na|2\n")) == [("a", 2, 2)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("title", ["봄 목록", '"봄, 여름 목록"', "# 메모", '"봄; 여름"'])
def test_a_title_above_the_table_neither_hides_its_separator_nor_is_drawn(csv, separator, title):
    rows = [["키워드", "개수"], ["벚꽃", "5"], ["바다", "3"]]
    request = csv("\n".join([title, *(separator.join(row) for row in rows)]))
    assert subjects(request) == [("벚꽃", 5, 3), ("바다", 3, 4)]
    told = [] if title[0] == "#" else ["job_file.told.title"]
    assert [remark.code for remark in request.remarks] == told


def test_without_names_the_separator_of_most_rows_counts_not_that_of_the_first(csv):
    assert subjects(csv("벚꽃 길;2\n바다, 하늘;3\n산;4\n")) == [("벚꽃 길", 2, 1), ("바다, 하늘", 3, 2), ("산", 4, 3)]
    assert subjects(csv("산\n바다;3\n강;4\n")) == [("산", 4, 1), ("바다", 3, 2), ("강", 4, 3)]
    assert subjects(csv('"바다; 하늘",3\n산,2\n')) == [("바다; 하늘", 3, 1), ("산", 2, 2)]


def test_one_name_on_top_does_not_make_a_table_of_several_columns_one_column(csv_faults):
    assert csv_faults("키워드\n벚꽃;5\n바다;3\n") == ["2 table_cells", "3 table_cells"]


def test_columns_stand_in_any_order_and_language(csv):
    order = csv("개수,MODEL,소재,Negative Prompt\n2,플럭스,벚꽃,사람\n").orders[0]
    assert (order.subject, order.count, order.model, order.negative_prompt) == ("벚꽃", 2, ("flux",), "사람")


def test_without_names_the_columns_are_subject_count_and_model(csv):
    order = csv("벚꽃,5장,로컬\n").orders[0]
    assert (order.subject, order.count, order.model) == ("벚꽃", 5, ("procedural",))


def test_a_cell_over_several_lines_keeps_the_line_numbers_right(csv, csv_faults):
    assert subjects(csv('keywords,count\n"a\nb",2\nc,3\n')) == [("a b", 2, 2), ("c", 3, 4)]
    assert csv_faults('keywords,count\n"a\nb",2\nc,x\n') == ["4 value"]


def test_empty_rows_and_columns_are_nothing(csv):
    assert subjects(csv("keywords,,count,\n,,,\na,,2,\n\n,,,\n")) == [("a", 2, 3)]


@pytest.mark.parametrize("column", ["번호", "No.", "비고", "메모", "Notes"])
def test_a_column_for_the_author_alone_is_left_out_and_told(csv, column):
    request = csv(f"{column},keywords\n7,a\n")
    assert subjects(request) == [("a", 4, 2)]
    assert [remark.code for remark in request.remarks] == ["job_file.told.columns"]


@pytest.mark.parametrize("word", ["합계", "Total", "소계"])
def test_a_row_of_sums_is_not_drawn(csv, word):
    request = csv(f"keywords,count\na,5\n{word},5\n")
    assert request.pictures == 5
    assert [remark.line for remark in request.remarks] == [3]


def test_a_mistyped_column_is_not_passed_over(csv_faults):
    assert csv_faults("keywords,cuont\na,5\n") == ["1 unknown_key_near"]
    assert csv_faults("keywords,owner\na,Kim\n") == ["1 unknown_key"]


def test_a_column_that_stands_twice_is_not_guessed_at(csv_faults):
    assert csv_faults("keywords,count,개수\na,1,2\n") == ["1 twice"]


def test_a_comma_without_quotes_does_not_shift_the_cells(csv_faults):
    assert csv_faults("keywords,count\nsea, blue,5\n") == ["2 table_cells"]


def test_a_row_that_lost_its_subject_is_not_drawn_by_chance(csv_faults):
    assert csv_faults("keywords,count\na,5\n,3\n") == ["3 table_subject"]


def test_a_table_without_subjects_is_random(csv):
    assert [(o.mode, o.count) for o in csv("count,size\n2,square\n3,wide\n").orders] == [("random", 2), ("random", 3)]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(csv_faults):
    assert csv_faults('keywords,count\n"a,1\nb,2\n') == ["2 csv_quotes"]
    assert csv_faults(f'keywords\n"{"a" * 200_000}"\n') == ["2 csv_quotes"]


@pytest.mark.parametrize("cell", ['"=HYPERLINK(""http://a.b"")"', "#REF!", '"{""a"": 1}"'])
def test_a_formula_is_not_a_subject(csv_faults, cell):
    assert csv_faults(f"keywords\n{cell}\n")[0].startswith("2 ask_")


def test_sentences_and_addresses_in_cells_are_asked_about(csv_faults):
    assert csv_faults("keywords\n벚꽃 그려줘\nwww.a.b\n") == ["2 ask_chat", "3 ask_address"]


def test_a_count_as_a_spreadsheet_writes_it_is_a_whole_number(csv, csv_faults):
    assert subjects(csv("keywords,count\na,5.0\nb,6.00\n")) == [("a", 5, 2), ("b", 6, 3)]
    assert csv_faults("keywords,count\na,5.5\n") == ["2 value"]


def test_prompts_and_subjects_may_stand_in_one_table(csv):
    modes = [order.mode for order in csv("keywords,prompt\na,\n,b\n").orders]
    assert modes == ["keyword", "exact"]


@pytest.mark.parametrize("bad", ["a\tb\tc", "a\tx"])
def test_a_tsv_with_bad_cells_is_answered(known, bad):
    from stockgen.domain.errors import JobFileError

    with pytest.raises(JobFileError):
        read(f"keywords\tcount\n{bad}\n".encode(), "a.tsv", known)


@pytest.mark.parametrize(
    "text",
    [
        "keyword\tcount\n벚꽃\t5\n",
        "키워드 | 개수\n벚꽃 | 5\n",
        "| 소재 | 수량(장) |\n| :--- | ---: |\n| 벚꽃 | 5장 |\n",
        "subject, count\n벚꽃, 5\n",
        "# 표\n\n소재;개수\n벚꽃;5\n",
    ],
)
def test_a_spreadsheet_pasted_into_a_text_file_is_a_table(txt, text):
    assert [(o.subject, o.count) for o in txt(text).orders] == [("벚꽃", 5)]


@pytest.mark.parametrize("line", ["계절, 바다", "스타일, 배경", "제목 없는 그림"])
def test_subjects_with_the_name_of_a_key_are_no_table(txt, line):
    assert txt(line).orders[0].subject == line


def test_a_first_row_with_a_number_names_no_columns(csv):
    assert subjects(csv("계절,5\n바다,3\n")) == [("계절", 5, 1), ("바다", 3, 2)]


def test_a_prompt_in_a_cell_may_be_a_sentence(csv):
    assert csv('prompt\n"Create a cat, please!"\n').orders[0].prompt == "Create a cat, please!"


def test_settings_above_a_pasted_table_hold_for_its_rows(txt):
    request = txt("size: square\n키워드\t개수\n벚꽃\t5\n바다\t\n")
    assert [(o.count, o.size.ratio) for o in request.orders] == [(5, 1), (4, 1)]


def test_excels_unicode_text_is_read(txt):
    data = codecs.BOM_UTF16_LE + "키워드\t개수\r\n벚꽃\t5\r\n".encode("utf-16-le")
    assert [(o.subject, o.count) for o in txt(data).orders] == [("벚꽃", 5)]


def test_rows_without_end_are_refused(csv_faults):
    assert csv_faults("".join(f"subject {n}x\n" for n in range(1100))) == ["0 too_many"]
    assert csv_faults("\n" * 10_001) == ["0 too_many"]
