"""What the emulated machines are made of, for each architecture that there is an image for."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Board:
    emulator: str
    processor: str
    machine: str
    # UEFI as from the factory: its code, the same with Secure Boot (None: no story needs it there), and its variables.
    code: Path
    secure_code: Path | None
    variables: Path
    # The kernel's names of the serial lines for the console and for the shell, and what the latter's line is to QEMU.
    console: str
    shell: str
    shell_line: tuple


OVMF, AAVMF = Path("/usr/share/OVMF"), Path("/usr/share/AAVMF")
BOARDS = {
    "amd64": Board(
        emulator="qemu-system-x86_64",
        processor="max",
        machine="q35",
        code=OVMF / "OVMF_CODE_4M.fd",
        secure_code=OVMF / "OVMF_CODE_4M.secboot.fd",
        variables=OVMF / "OVMF_VARS_4M.fd",
        console="ttyS0",
        shell="ttyS1",
        shell_line=("-serial", "chardev:shell"),
    ),
    "arm64": Board(
        emulator="qemu-system-aarch64",
        processor="cortex-a72",
        machine="virt",
        code=AAVMF / "AAVMF_CODE.no-secboot.fd",
        secure_code=None,
        variables=AAVMF / "AAVMF_VARS.fd",
        console="ttyAMA0",
        shell="ttyS0",
        shell_line=("-device", "pci-serial,chardev=shell"),
    ),
}
ARCHITECTURE = os.environ.get("TABELLION_ARCH", "amd64")
BOARD = BOARDS[ARCHITECTURE]
