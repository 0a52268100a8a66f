"""A scrubber for X12 837P and 837I claims: it finds the reasons for a denial before the payer does.

`docs/api.md` shows how to use it from Python. All names of `__all__` are public. Each is loaded on first use, as every
run of pytest imports this package.
"""

TYPE_CHECKING = False  # that of `typing` takes 4 ms to load, in which Ctrl-C ends a command with a traceback
if TYPE_CHECKING:
    from scrubber.claims.location import Location, MalformedValue
    from scrubber.claims.model import Claim, Level, ServiceLine
    from scrubber.claims.reader import Claims, read_claims
    from scrubber.edit import Edit, Finding, NotChecked, edit, file_edit, finding
    from scrubber.engine.profile import Profile
    from scrubber.engine.scrubbed import ScrubbedClaim
    from scrubber.engine.suppressions import claim_sha256
    from scrubber.reference import Facts
    from scrubber.running.calls import ScrubbedClaims, scrub, scrub_to
    from scrubber.running.options import OptionsError, RunOptions
    from scrubber.running.run import Outcome
    from scrubber.x12.errors import LocatedError, X12Error

    __version__: str
else:
    _HOMES = {
        "scrubber.claims.location": ("Location", "MalformedValue"),
        "scrubber.claims.model": ("Claim", "Level", "ServiceLine"),
        "scrubber.claims.reader": ("Claims", "read_claims"),
        "scrubber.edit": ("Edit", "Finding", "NotChecked", "edit", "file_edit", "finding"),
        "scrubber.engine.profile": ("Profile",),
        "scrubber.engine.scrubbed": ("ScrubbedClaim",),
        "scrubber.engine.suppressions": ("claim_sha256",),
        "scrubber.reference": ("Facts",),
        "scrubber.running.calls": ("ScrubbedClaims", "scrub", "scrub_to"),
        "scrubber.running.options": ("OptionsError", "RunOptions"),
        "scrubber.running.run": ("Outcome",),
        "scrubber.x12.errors": ("LocatedError", "X12Error"),
    }
    _HOME = {name: module for module, names in _HOMES.items() for name in names}

    def __getattr__(name: str) -> object:
        """A name of `__all__`. Type checkers do not see this function, so they find a misspelt name."""
        if name == "__version__":
            return version()
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        module = import_module(_HOME[name])
        # the import system sets the name `edit` to the module, which can be called like the decorator
        return module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)

    def __dir__() -> list[str]:
        return sorted({*(name for name in globals() if name.startswith("__")), *__all__})


__all__ = [
    "Claim",
    "Claims",
    "Edit",
    "Facts",
    "Finding",
    "Level",
    "LocatedError",
    "Location",
    "MalformedValue",
    "NotChecked",
    "OptionsError",
    "Outcome",
    "Profile",
    "RunOptions",
    "ScrubbedClaim",
    "ScrubbedClaims",
    "ServiceLine",
    "X12Error",
    "__version__",
    "claim_sha256",
    "edit",
    "file_edit",
    "finding",
    "read_claims",
    "scrub",
    "scrub_to",
    "version",
]


def version() -> str:
    """The version of the installed scrubber."""
    from importlib.metadata import version as installed  # slow, so only imported where it is needed

    return installed("claim-scrubber")
