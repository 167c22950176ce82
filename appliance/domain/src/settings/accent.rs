use super::Refusal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What text needs on its ground (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;
/// The grounds of the pages' themes (`webui/src/ui/tokens.css`): the lightest tint of the light one, which is read worst on, and the
/// lightest ground of the dark one.
const DARK_GROUND: Accent = Accent { red: 0x24, green: 0x2b, blue: 0x36 };
const WHITE: Accent = Accent { red: 255, green: 255, blue: 255 };
const BLACK: Accent = Accent { red: 0, green: 0, blue: 0 };
/// Steps from a colour to another.
const STEPS: u32 = 100;

/// The brand's colour (sRGB): `#1d3f72`. Text in it is read on white, and white text on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Accent {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Default for Accent {
    fn default() -> Self {
        Self { red: 0x1d, green: 0x3f, blue: 0x72 }
    }
}

impl Accent {
    /// From `#1d3f72`.
    ///
    /// # Errors
    /// [`Refusal`]: it is no such colour, or nobody could read it on the pages' light tint of it (4.5:1, WCAG 2.2, 1.4.3).
    pub fn new(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let Some(colour) = parsed(text) else {
            let todo = "Écrivez un dièse et six chiffres hexadécimaux, par exemple #1d3f72";
            return Err(Refusal::new(format!("« {text} » n’est pas une couleur"), todo));
        };
        let contrast = colour.contrast(colour.ground());
        if contrast < READABLE {
            let what = format!(
                "cette couleur est trop claire : son contraste est de {}, il en faut 4,5",
                french(contrast)
            );
            let near = colour.until(BLACK, |one| one.contrast(one.ground()) >= READABLE);
            return Err(Refusal::new(what, format!("Choisissez-en une plus foncée, par exemple {near}")));
        }
        Ok(colour)
    }

    /// Its tint, for grounds of the light theme.
    #[must_use]
    pub fn ground(self) -> Self {
        self.towards(WHITE, 88)
    }

    /// Darker: for whatever is pointed at, and the head of the pages.
    #[must_use]
    pub fn strong(self) -> Self {
        self.towards(BLACK, 28)
    }

    /// As light as text has to be on the dark theme's grounds.
    #[must_use]
    pub fn on_dark(self) -> Self {
        self.until(WHITE, |one| one.contrast(DARK_GROUND) >= READABLE + 0.2)
    }

    /// Lighter than [`Accent::on_dark`]: for whatever is pointed at there.
    #[must_use]
    pub fn on_dark_strong(self) -> Self {
        self.on_dark().towards(WHITE, 35)
    }

    /// How two colours differ in lightness, 1 to 21 (WCAG 2.2, contrast ratio).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// `percent` of the way to another colour.
    fn towards(self, other: Self, percent: u32) -> Self {
        let mixed = |from: u8, to: u8| {
            let sum = u32::from(from) * (STEPS - percent) + u32::from(to) * percent;
            u8::try_from((sum + STEPS / 2) / STEPS).unwrap_or(u8::MAX)
        };
        Self {
            red: mixed(self.red, other.red),
            green: mixed(self.green, other.green),
            blue: mixed(self.blue, other.blue),
        }
    }

    /// The first on the way to another colour that is good enough.
    fn until(self, other: Self, good: impl Fn(Self) -> bool) -> Self {
        (0..=STEPS).map(|percent| self.towards(other, percent)).find(|one| good(*one)).unwrap_or(other)
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl TryFrom<String> for Accent {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::new(&text)
    }
}

impl From<Accent> for String {
    fn from(accent: Accent) -> Self {
        accent.to_string()
    }
}

fn parsed(text: &str) -> Option<Accent> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some(Accent { red: channel(0)?, green: channel(2)?, blue: channel(4)? })
}

/// `2,35`.
fn french(number: f64) -> String {
    format!("{number:.2}").replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrasts_are_those_of_the_guidelines() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
        // #777777 on white is the well-known near miss.
        let grey = parsed("#777777").unwrap();
        assert!((grey.contrast(WHITE) - 4.48).abs() < 0.01, "{}", grey.contrast(WHITE));
    }

    #[test]
    fn a_colour_that_nobody_could_read_is_refused_with_one_that_is_read() {
        for wrong in ["1d3f72", "#1d3f7", "#1d3f7g", "blue", "", "#é1d3f"] {
            assert!(Accent::new(wrong).unwrap_err().to_string().contains("couleur"), "{wrong}");
        }
        let refusal = Accent::new("#ffcc00").unwrap_err().to_string();
        let near = refusal.split('#').nth(1).unwrap().get(..6).unwrap();
        assert!(refusal.contains("trop claire"), "{refusal}");
        Accent::new(&format!("#{near}")).unwrap();
    }

    #[test]
    fn every_colour_that_is_taken_is_read_in_both_themes() {
        for taken in ["#1d3f72", "#000000", "#7a1f2b", "#1F6B3A", "#4b0082", "#0000ff"] {
            let accent = Accent::new(taken).unwrap();
            assert!(accent.contrast(accent.ground()) >= READABLE, "{taken}");
            assert!(accent.strong().contrast(WHITE) >= READABLE, "{taken}");
            assert!(accent.on_dark().contrast(DARK_GROUND) >= READABLE, "{taken}");
            assert!(accent.on_dark_strong().contrast(DARK_GROUND) >= READABLE, "{taken}");
        }
        assert_eq!(Accent::default().to_string(), "#1d3f72");
        assert_eq!(serde_json::to_string(&Accent::default()).unwrap(), "\"#1d3f72\"");
    }
}
