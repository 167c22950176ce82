//! What stands below what: text runs down a sheet and goes on on the next one.

use crate::{
    Accent, PaperError,
    brand::Brand,
    faces::{Faces, Font, Weight},
    qr::Modules,
    sheets::{Area, INK, QUIET, RULE, SHEET, Sheets, mm},
    tags::{ElementId, ROOT},
    typography::french,
};

/// White around the text. Nothing is drawn there.
pub(crate) const MARGIN: f32 = mm(20.0);
const TOP: f32 = mm(16.0);
/// Where text ends and the foot begins.
const BOTTOM: f32 = mm(SHEET.1 - 30.0);
/// Of a sheet's text.
pub(crate) const TEXT_HEIGHT: f32 = BOTTOM - TOP;
/// From margin to margin.
pub(crate) const WIDTH: f32 = mm(SHEET.0) - 2.0 * MARGIN;
/// The side of a QR code: its modules are 0.5 mm wide with a link of 200 characters.
const QR_SIDE: f32 = mm(28.0);
/// White around a QR code: the four modules that it wants, and more with most links.
const QR_QUIET: f32 = mm(4.0);
/// Where a fact's value stands, from its label.
const FACT_VALUE: f32 = mm(42.0);

/// How lines look.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Style {
    pub(crate) font: Font,
    pub(crate) colour: Accent,
    /// From line to line, points.
    pub(crate) leading: f32,
}

const fn style(weight: Weight, size: f32, colour: Accent, leading: f32) -> Style {
    Style { font: Font { weight, size }, colour, leading }
}

pub(crate) const TITLE: Style = style(Weight::Bold, 19.0, INK, 25.0);
const HEADING: Style = style(Weight::Bold, 11.5, INK, 16.0);
pub(crate) const BODY: Style = style(Weight::Regular, 9.5, INK, 13.5);
pub(crate) const STRONG: Style = style(Weight::Bold, 9.5, INK, 13.5);
pub(crate) const LABEL: Style = style(Weight::Regular, 9.5, QUIET, 13.5);
pub(crate) const SMALL: Style = style(Weight::Regular, 8.0, QUIET, 11.0);
const SERVICE: Style = style(Weight::Bold, 10.5, INK, 14.0);

/// A paper that is being written.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) sheets: Sheets,
    /// Where the next line begins, points from the sheet's upper edge.
    pub(crate) top: f32,
}

impl Flow {
    /// Begins with the brand's band and the title.
    ///
    /// # Errors
    /// [`PaperError::Font`].
    pub(crate) fn new(brand: &Brand, title: &str) -> Result<Self, PaperError> {
        let mut flow = Self { sheets: Sheets::new(Faces::read()?), top: TOP };
        let band = Area { left: MARGIN, top: TOP, width: WIDTH, height: mm(1.5) };
        flow.sheets.artifact(|sheets| sheets.fill(brand.accent, band));
        flow.top += mm(4.5);
        flow.paragraph(SERVICE, &brand.service);
        flow.top += mm(6.0);
        let element = flow.sheets.tags.add(ROOT, "H1");
        flow.lines(element, TITLE, 0.0, WIDTH, title);
        flow.top += mm(3.0);
        Ok(flow)
    }

    /// A heading. It stays with the lines that follow it.
    pub(crate) fn heading(&mut self, text: &str) {
        self.top += mm(5.0);
        self.keep(HEADING.leading + mm(24.0));
        let element = self.sheets.tags.add(ROOT, "H2");
        self.lines(element, HEADING, 0.0, WIDTH, &french(text));
        self.top += mm(1.0);
    }

    /// A paragraph, set as French.
    pub(crate) fn paragraph(&mut self, style: Style, text: &str) {
        let element = self.sheets.tags.add(ROOT, "P");
        self.lines(element, style, 0.0, WIDTH, &french(text));
    }

    /// Labels with their values beside them, within a width.
    pub(crate) fn facts(&mut self, width: f32, facts: &[(&str, String)]) {
        for (label, value) in facts {
            self.keep(BODY.leading);
            let (element, top) = (self.sheets.tags.add(ROOT, "P"), self.top);
            self.lines(element, LABEL, 0.0, FACT_VALUE, &format!("{} ", french(&format!("{label} :"))));
            self.top = top;
            self.lines(element, STRONG, FACT_VALUE, width - FACT_VALUE, value);
            self.top += mm(0.8);
        }
    }

    /// An address that can be clicked at.
    pub(crate) fn address(&mut self, address: &str) {
        let element = self.sheets.tags.add(ROOT, "Link");
        self.sheets.tags.say(element, address.to_owned());
        for line in self.sheets.faces.wrap(STRONG.font, address, WIDTH) {
            self.keep(STRONG.leading);
            let width = self.sheets.faces.width(STRONG.font, &line);
            let area = Area { left: MARGIN, top: self.top, width, height: STRONG.leading };
            self.line(element, STRONG, 0.0, &line);
            self.sheets.link(element, address, area);
        }
    }

    /// A QR code at the right margin, beginning here. What follows stands at its left.
    pub(crate) fn qr(&mut self, code: &Modules, alternative: String) {
        let square = Area { left: MARGIN + WIDTH - QR_SIDE, top: self.top, width: QR_SIDE, height: QR_SIDE };
        let element = self.sheets.tags.add(ROOT, "Figure");
        self.sheets.tags.say(element, alternative);
        self.sheets.tagged(element, |sheets| sheets.modules(code, square));
    }

    /// What is left beside a QR code.
    pub(crate) fn beside_qr() -> f32 {
        WIDTH - QR_SIDE - QR_QUIET
    }

    /// Goes below a QR code that began here.
    pub(crate) fn below_qr(&mut self, began: f32) {
        self.top = self.top.max(began + QR_SIDE + QR_QUIET);
    }

    /// Lines of text in a column, `left` from the margin.
    pub(crate) fn lines(&mut self, element: ElementId, style: Style, left: f32, width: f32, text: &str) {
        let text = self.sheets.writable(text);
        for line in self.sheets.faces.wrap(style.font, &text, width) {
            self.keep(style.leading);
            self.line(element, style, left, &line);
        }
    }

    /// One line of writable text, and on to the next one.
    fn line(&mut self, element: ElementId, style: Style, left: f32, text: &str) {
        let base = baseline(self.top, style);
        self.sheets.tagged(element, |sheets| {
            sheets.text(style.font, style.colour, MARGIN + left, base, text);
        });
        self.top += style.leading;
    }

    /// What is left of this sheet.
    pub(crate) fn left_over(&self) -> f32 {
        BOTTOM - self.top
    }

    /// Goes on on another sheet where so much does not fit on this one.
    fn keep(&mut self, height: f32) {
        if self.left_over() < height {
            self.next_sheet();
        }
    }

    /// Goes on on another sheet.
    pub(crate) fn next_sheet(&mut self) {
        self.sheets.add();
        self.top = TOP;
    }

    /// Writes under each sheet which paper it is of, its number among them, and whom to ask.
    pub(crate) fn feet(&mut self, brand: &Brand, paper: &str) {
        let pages = self.sheets.pages.len();
        let contact = brand.contact();
        let contact = if contact.is_empty() {
            brand.service.clone()
        } else {
            format!("{} · {contact}", brand.service)
        };
        let (paper, contact) = (self.sheets.writable(paper), self.sheets.writable(&contact));
        for page in 0..pages {
            self.sheets.turn_to(page);
            let number = format!("{}/{pages}", page + 1);
            let number_width = self.sheets.faces.width(SMALL.font, &number);
            let paper = self.sheets.faces.shortened(SMALL.font, &paper, WIDTH - number_width - mm(6.0));
            let contact = self.sheets.faces.shortened(SMALL.font, &contact, WIDTH);
            let top = BOTTOM + mm(5.0);
            self.sheets.artifact(|sheets| {
                sheets.fill(RULE, Area { left: MARGIN, top, width: WIDTH, height: 0.5 });
                let first = baseline(top + mm(1.5), SMALL);
                sheets.text(SMALL.font, SMALL.colour, MARGIN, first, &paper);
                sheets.text(SMALL.font, SMALL.colour, MARGIN + WIDTH - number_width, first, &number);
                sheets.text(SMALL.font, SMALL.colour, MARGIN, first + SMALL.leading, &contact);
            });
        }
    }

    /// Says what «�» stands for, where there is one.
    pub(crate) fn remark_on_unwritable(&mut self) {
        if self.sheets.unwritable.is_empty() {
            return;
        }
        self.top += mm(3.0);
        self.paragraph(
            SMALL,
            "Le signe � remplace un caractère que la police de ce document ne contient pas. L'orthographe exacte est celle \
             qui est enregistrée sur la boîte.",
        );
    }
}

/// Where letters stand in a line that begins here: capitals are in its middle (0.714 em high in Open Sans).
pub(crate) fn baseline(top: f32, style: Style) -> f32 {
    top + style.leading / 2.0 + style.font.size * 0.357
}
