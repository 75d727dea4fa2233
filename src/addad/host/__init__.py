"""A meter on a computer: a source of samples, the meter, its files and its port."""
