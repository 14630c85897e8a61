"""What generated pictures are worth, in numbers: the attribute judge and what is measured with it. numpy in, numpy out."""
