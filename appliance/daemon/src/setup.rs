//! The first settings of a box, from the set-up file that the installation gave it.

use crate::{
    adapters::{KernelEntropy, SystemClock},
    config::Places,
    publication::publish,
    trial::Trial,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};
use tabellion_domain::{
    Clock,
    settings::{Author, SetupError, SetupFile},
};
use tabellion_store::Store;
use tracing::{error, info, warn};

/// The name of the credential that holds a set-up file (systemd.exec(5), `ImportCredential=`).
const CREDENTIAL: &str = "tabellion.setup";

/// In the state folder, once the box has settings.
const MARK: &str = "set-up";

/// What the set-up is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct SetupArguments {
    /// Folder of what must survive: database, certificates.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// The set-up file of a USB stick, where there is one.
    #[arg(long, value_name = "FILE")]
    usb: Option<PathBuf>,
    /// A folder that is there where the credential comes from the EFI system partition. systemd keeps those apart from the ones of
    /// SMBIOS, for root alone: what it imports for a unit (`ImportCredential=`) does not say which it was.
    #[arg(long, value_name = "DIR")]
    esp_credential: Option<PathBuf>,
    /// Where the settings in force are written for the operating system, without their secrets.
    #[arg(long, value_name = "FILE")]
    publish: Option<PathBuf>,
    /// Where the faults of the set-up file are written for the attached screen, a line each.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    #[command(flatten)]
    places: Places,
}

/// Puts the first settings into the database; a box that has settings is left alone.
///
/// # Errors
/// The file has faults, or this box cannot work with what it says: each is told with its line, and nothing of it is applied.
pub(crate) fn run(arguments: SetupArguments) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        fs::create_dir_all(&arguments.state)
            .with_context(|| format!("cannot make the state folder {}", arguments.state.display()))?;
        tabellion_backup::put_in_place(&arguments.state).context("restored data cannot be put in place")?;
        let store = Store::open(&arguments.state.join("tabellion.db"))?;
        if set_up(&arguments, &store).await? {
            note_set_up(&arguments.state)?;
            forget(arguments.usb.as_deref())?;
        }
        if let Some(path) = &arguments.publish {
            publish(&store, Some(path), SystemClock.now()).await?;
        }
        Ok(())
    })
}

/// For units that have no business on a box that is set up (tabellion-usb.service).
pub(crate) fn note_set_up(state: &Path) -> Result<()> {
    fs::write(state.join(MARK), "").context("the set-up cannot be noted")
}

/// The copy of the stick's file holds a password in clear text, and has done its work.
fn forget(usb: Option<&Path>) -> Result<()> {
    let Some(usb) = usb else { return Ok(()) };
    match fs::remove_file(usb) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("the set-up file {} cannot be deleted", usb.display()))
        }
        _ => Ok(()),
    }
}

/// Whether the box has settings now.
async fn set_up(arguments: &SetupArguments, store: &Store) -> Result<bool> {
    let now = SystemClock.now();
    if store.settings_state(now).await?.in_force.is_some() {
        info!("this box is set up already");
        return Ok(true);
    }
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let Some((author, path)) = source(arguments, credentials.as_deref()) else {
        warn!("this box has no settings yet, and no set-up file was given to it");
        return Ok(false);
    };
    let text = fs::read_to_string(&path)
        .with_context(|| format!("the set-up file {} cannot be read", path.display()))?;
    let trial = Trial::of(&arguments.places, now).context("this box's network cards cannot be listed")?;
    let file = match checked(&text, &trial) {
        Ok(file) => file,
        Err(faults) => {
            for fault in &faults {
                error!("{fault}");
            }
            if let Some(path) = &arguments.faults {
                let lines: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
                fs::write(path, lines).context("the faults cannot be told to the screen")?;
            }
            bail!("the set-up file has {} faults, named above: nothing of it is applied", faults.len());
        }
    };
    for remark in file.remarks() {
        warn!("{remark}");
    }
    let settings = file.into_settings(&KernelEntropy)?;
    store.set_up(settings, author, now).await?;
    info!(?author, "this box is set up");
    Ok(true)
}

/// The file as it is written, and as this box can work with it.
fn checked(text: &str, trial: &Trial) -> Result<SetupFile, Vec<SetupError>> {
    let file = SetupFile::parse(text)?;
    let mut faults: Vec<_> =
        trial.faults(file.settings()).into_iter().map(|fault| file.locate(fault)).collect();
    if faults.is_empty() {
        return Ok(file);
    }
    faults.sort_by_key(|fault| fault.line.unwrap_or(u32::MAX));
    Err(faults)
}

/// Where the set-up file comes from: a credential before a stick that somebody left in the box.
fn source(arguments: &SetupArguments, credentials: Option<&Path>) -> Option<(Author, PathBuf)> {
    let credential = credentials.map(|folder| folder.join(CREDENTIAL));
    let of_esp = arguments.esp_credential.as_deref().is_some_and(Path::exists);
    let by = if of_esp { Author::EspCredential } else { Author::SmbiosCredential };
    let given = [(by, credential), (Author::UsbStick, arguments.usb.clone())];
    given.into_iter().filter_map(|(author, path)| Some((author, path?))).find(|(_, path)| path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[office]\nname = \"Office Notarial\"\ncrpcen = \"01234\"\ndomain = \"visio.office.fr\"\n\
        [administrator]\ncivility = \"Maître\"\nfirst_name = \"Claire\"\nlast_name = \"Moreau\"\n\
        login = \"claire.moreau\"\nemail = \"claire@office.fr\"\nmobile = \"06 12 34 56 78\"\n\
        password = \"Bien-trop-secret-2026\"\n";

    const ACME: &str = "authority = \"-----BEGIN CERTIFICATE-----\\nMAUCAQECAQI=\\n-----END CERTIFICATE-----\"\n\
        directory = \"https://acme.test/\"\ncontact = \"a@office.fr\"\ndns_provider = \"gandi\"\n\
        [certificate.gandi]\ntoken = \"x\"\n";

    struct Box {
        folder: tempfile::TempDir,
    }

    impl Box {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let card = folder.path().join("cards/enp1s0");
            fs::create_dir_all(card.join("device")).unwrap();
            fs::write(card.join("type"), "1\n").unwrap();
            fs::write(card.join("address"), "52:54:00:12:34:56\n").unwrap();
            Self { folder }
        }

        fn places(&self) -> Places {
            Places {
                cards: self.folder.path().join("cards"),
                zoneinfo: "/usr/share/zoneinfo".into(),
                codecs: self.folder.path().join("codecs"),
            }
        }

        fn set_up(&self, text: &str) -> Result<()> {
            fs::write(self.folder.path().join("setup.toml"), text).unwrap();
            run(self.arguments())
        }

        fn arguments(&self) -> SetupArguments {
            SetupArguments {
                state: self.folder.path().join("state"),
                usb: Some(self.folder.path().join("setup.toml")),
                esp_credential: Some(self.folder.path().join("esp-credential")),
                publish: Some(self.folder.path().join("settings.json")),
                faults: Some(self.folder.path().join("faults")),
                places: self.places(),
            }
        }

        fn look<T>(&self, look: impl AsyncFnOnce(Store) -> T) -> T {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let store = Store::open(&self.folder.path().join("state/tabellion.db")).unwrap();
            runtime.block_on(look(store))
        }
    }

    #[test]
    fn a_good_file_sets_the_box_up_once() {
        let one = Box::new();
        one.set_up(GOOD).unwrap();
        one.set_up(&GOOD.replace("Office Notarial", "Another")).unwrap();
        one.look(async |store| {
            assert_eq!(store.office().await.unwrap().unwrap().name, "Office Notarial");
            let claire = store.user_by_login("claire.moreau".to_owned()).await.unwrap().unwrap();
            assert!(claire.rights.administrator);
        });
        let published = fs::read_to_string(one.folder.path().join("settings.json")).unwrap();
        assert!(published.contains("01234") && !published.contains("argon2"), "{published}");
    }

    #[test]
    fn what_this_box_cannot_work_with_is_refused_with_its_line_and_nothing_of_it_is_applied() {
        let one = Box::new();
        let faultless =
            format!("{GOOD}[network]\ninterface = \"eth9\"\n[certificate]\nkind = \"acme\"\n{ACME}");
        let trial = Trial::of(&one.places(), SystemClock.now()).unwrap();
        let faults = checked(&faultless, &trial).unwrap_err();
        let named: Vec<_> = faults.iter().map(|fault| (fault.line, fault.key.as_str())).collect();
        assert_eq!(
            named,
            [(Some(14), "network.interface"), (Some(17), "certificate.authority")],
            "{faults:?}"
        );

        let error = one.set_up(&faultless).unwrap_err().to_string();
        assert!(error.contains("nothing of it is applied"), "{error}");
        one.look(async |store| {
            assert!(store.settings_state(SystemClock.now()).await.unwrap().in_force.is_none());
            assert!(store.user_by_login("claire.moreau".to_owned()).await.unwrap().is_none());
        });
        one.set_up(&format!("{GOOD}[network]\ninterface = \"enp1s0\"\n")).unwrap();
    }

    #[test]
    fn of_a_file_with_a_fault_nothing_is_applied() {
        let one = Box::new();
        let error = one.set_up(&GOOD.replace("mobile = \"06", "mobil = \"06")).unwrap_err().to_string();
        assert!(error.contains("nothing of it is applied"), "{error}");
        let shown = fs::read_to_string(one.folder.path().join("faults")).unwrap();
        assert!(shown.starts_with("Ligne\u{a0}11,") && shown.lines().count() == 1, "{shown}");
        one.look(async |store| {
            assert!(store.office().await.unwrap().is_none());
            assert!(!one.folder.path().join("state/set-up").exists());
            assert!(store.user_by_login("claire.moreau".to_owned()).await.unwrap().is_none());
        });
        one.set_up(GOOD).unwrap();
        assert!(one.folder.path().join("state/set-up").exists());
    }

    #[test]
    fn the_sticks_password_is_gone_once_the_box_is_set_up_and_not_before() {
        let one = Box::new();
        one.set_up(&GOOD.replace("mobile = \"06", "mobil = \"06")).unwrap_err();
        assert!(one.folder.path().join("setup.toml").exists(), "it is looked at again");
        one.set_up(GOOD).unwrap();
        assert!(!one.folder.path().join("setup.toml").exists());
    }

    #[test]
    fn the_journal_knows_where_the_file_came_from_and_a_stick_comes_last() {
        let one = Box::new();
        let credentials = one.folder.path().join("credentials");
        let author = || source(&one.arguments(), Some(&credentials)).map(|(author, _)| author);
        assert_eq!(author(), None);
        fs::write(one.folder.path().join("setup.toml"), GOOD).unwrap();
        assert_eq!(author(), Some(Author::UsbStick));
        fs::create_dir(&credentials).unwrap();
        fs::write(credentials.join(CREDENTIAL), GOOD).unwrap();
        assert_eq!(author(), Some(Author::SmbiosCredential));
        fs::write(one.folder.path().join("esp-credential"), "").unwrap();
        assert_eq!(author(), Some(Author::EspCredential));
    }
}
