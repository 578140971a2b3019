"""Two figures that are kept independently must be equal."""


class AuditError(AssertionError):
    """The books do not agree: a defect of wavepool, never a user's mistake."""


def agree(what: str, left: int, right: int) -> None:
    """Raise unless two independently kept figures are equal."""
    if left != right:
        raise AuditError(f"{what}: {left} against {right}")
