"""What the firmware image must show: each story is a function that takes an `Office` and returns a short note."""

from .budgets import start_compared, writes_at_rest
from .cuts import power_cuts
from .data import (
    another_machine_opens_with_the_recovery_key,
    backup_of_another_box,
    factory_reset_from_the_menu,
    factory_reset_from_the_page,
    key_file_that_is_gone,
    scheduled_backup,
    support_console,
)
from .hangs import control_that_hangs, machine_that_hangs, start_that_hangs
from .settings import changed_address, room_systems_on_a_vlan
from .servers import backups_over_sftp, certificate_by_acme
from .short import life_of_a_box
from .slices import mixing_does_not_starve_signalling
from .setup import (
    moved_by_the_page,
    sealed_credential,
    set_up_by_a_credential_of_the_esp,
    set_up_by_the_page,
    unreadable_stick,
    without_a_network,
    wrong_time,
)
from .start import faulty_stick, first_start, installed_from_a_stick, starts_on_arm64
from .trust import secure_boot
from .update import (
    corrupted_slot,
    failing_gate,
    good_update,
    refused_updates,
    update_that_does_not_start,
)
from .update_by_hand import full_disk, update_from_a_stick, uploaded_update, waits_for_a_meeting

SHORT = [life_of_a_box]
# On a machine of another architecture, whose emulation is slower still.
ELSEWHERE = [starts_on_arm64]
ALL = [
    first_start,
    good_update,
    failing_gate,
    faulty_stick,
    unreadable_stick,
    set_up_by_the_page,
    moved_by_the_page,
    set_up_by_a_credential_of_the_esp,
    sealed_credential,
    wrong_time,
    without_a_network,
    installed_from_a_stick,
    refused_updates,
    update_that_does_not_start,
    corrupted_slot,
    uploaded_update,
    update_from_a_stick,
    waits_for_a_meeting,
    full_disk,
    backup_of_another_box,
    factory_reset_from_the_page,
    factory_reset_from_the_menu,
    another_machine_opens_with_the_recovery_key,
    key_file_that_is_gone,
    support_console,
    scheduled_backup,
    backups_over_sftp,
    certificate_by_acme,
    control_that_hangs,
    machine_that_hangs,
    start_that_hangs,
    secure_boot,
    start_compared,
    writes_at_rest,
    changed_address,
    room_systems_on_a_vlan,
    mixing_does_not_starve_signalling,
    power_cuts,
]
