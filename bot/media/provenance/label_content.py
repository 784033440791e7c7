"""The content of a label: that the file is AI-generated, by which model, and for which job.

It contains no data about the member, because files are passed on more widely than prompts should be. It contains no
time either, so that the same result of the same job always becomes the same file, with the same hash.
"""

from dataclasses import dataclass
from html import escape

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""The IPTC term for media made by a trained model (its NewsCodes "Digital Source Type")."""

SOFTWARE = "Easel"
OPENING = "AI-generated with "
"""The beginning of every statement, by which our own labels are recognised."""


class Malformed(Exception):
    """A file does not follow its format, or uses a part of it that is not supported here."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The data in a label: the model's full name, the job's id (unique everywhere), and the short id for people."""

    model: str
    job: str
    short_id: str

    @property
    def statement(self) -> str:
        """The mark as one sentence."""
        return f"{OPENING}{self.model} by {SOFTWARE}, job {self.short_id} ({self.job})"


def rdf(mark: Mark) -> str:
    """Return the mark as RDF: IPTC Photo Metadata (Iptc4xmpExt), Dublin Core and XMP basic properties."""
    model, statement, job = (escape(text, quote=False) for text in (mark.model, mark.statement, mark.job))
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
        f"<Iptc4xmpExt:AISystemUsed>{model}</Iptc4xmpExt:AISystemUsed>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{statement}</rdf:li></rdf:Alt>'
        f"</dc:description><dc:identifier>{job}</dc:identifier>"
        f"<xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool></rdf:Description></rdf:RDF>"
    )


def xmp(mark: Mark) -> bytes:
    """Return the mark as an XMP packet (XMP specification, part 1, section 7)."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'{rdf(mark)}</x:xmpmeta><?xpacket end="r"?>'
    ).encode()
