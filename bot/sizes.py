"""Units of file sizes, in bytes: decimal ones for people and settings, binary ones where Discord uses them."""

MEGABYTE = 1_000_000
MEBIBYTE = 1 << 20
