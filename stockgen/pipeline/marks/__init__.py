"""What markets decided, and what they sold: pasted text finds its pictures, and the next baskets learn from it.

`reading` finds our names and titles in any text, `marking` writes down what was said of them, `lessons` compares what
was refused with what was taken, `titles` takes an edited table back, `origin` tells where a picture came from.
"""
