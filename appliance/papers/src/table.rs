//! Tables that go on on as many sheets as they need, each with the header on top.

use crate::{
    flow::{BODY, Flow, LABEL, MARGIN, STRONG, Style, TEXT_HEIGHT, WIDTH, baseline},
    sheets::{Area, RULE, SHADE, Sheets, mm},
    tags::{ElementId, ROOT},
};

/// Above and below a row's lines, points.
const PADDING: f32 = 3.5;
/// Between a column's edge and its text, points.
const INSET: f32 = mm(1.5);

/// A column.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// In parts of the table's width.
    pub(crate) share: f32,
}

/// A row: by column, the paragraphs of its cell.
pub(crate) type Row = Vec<Vec<String>>;

/// A column, placed.
#[derive(Clone, Copy)]
struct Place {
    title: &'static str,
    left: f32,
    width: f32,
}

impl Flow {
    /// A table from margin to margin. A row stays together unless it is higher than a sheet.
    pub(crate) fn table(&mut self, columns: &[Column], rows: &[Row]) {
        let places = placed(columns);
        let table = self.sheets.tags.add(ROOT, "Table");
        let header = self.sheets.tags.add(table, "TR");
        let cells: Vec<ElementId> = places.iter().map(|_| self.sheets.tags.add(header, "TH")).collect();
        if self.left_over() < 2.0 * height(2) {
            self.next_sheet();
        }
        self.header(&places, Some(&cells));
        for row in rows {
            let element = self.sheets.tags.add(table, "TR");
            self.row(&places, element, row);
        }
    }

    fn row(&mut self, places: &[Place], element: ElementId, row: &Row) {
        let mut cells = Vec::new();
        for (place, paragraphs) in places.iter().zip(row) {
            let mut lines = Vec::new();
            for paragraph in paragraphs {
                let text = self.sheets.writable(paragraph);
                lines.extend(self.sheets.faces.wrap(BODY.font, &text, place.width - 2.0 * INSET));
            }
            cells.push((self.sheets.tags.add(element, "TD"), lines));
        }
        let count = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        let stays_together = height(count) <= TEXT_HEIGHT - height(1);
        if stays_together && self.left_over() < height(count) {
            self.next_sheet();
            self.header(places, None);
        }
        let mut done = 0;
        while done < count {
            let fits = (((self.left_over() - 2.0 * PADDING) / BODY.leading) as usize).clamp(1, count - done);
            let top = self.top + PADDING;
            for (place, (cell, lines)) in places.iter().zip(&cells) {
                for (i, line) in lines.iter().skip(done).take(fits).enumerate() {
                    let base = baseline(top + i as f32 * BODY.leading, BODY);
                    self.sheets.tagged(*cell, |sheets| {
                        sheets.text(BODY.font, BODY.colour, place.left + INSET, base, line);
                    });
                }
            }
            if let Some((_, lines)) = cells.first().filter(|(_, lines)| 0 < done && lines.len() <= done) {
                self.row_goes_on(places[0], &lines[0], top, fits);
            }
            self.top += height(fits);
            self.rule();
            done += fits;
            if done < count {
                self.next_sheet();
                self.header(places, None);
            }
        }
    }

    /// Whose row it is that goes on here: nobody has to turn back for it.
    fn row_goes_on(&mut self, place: Place, first_line: &str, top: f32, fits: usize) {
        for (i, line) in [first_line, "(suite)"].into_iter().take(fits).enumerate() {
            let base = baseline(top + i as f32 * LABEL.leading, LABEL);
            self.sheets.artifact(|sheets| {
                sheets.text(LABEL.font, LABEL.colour, place.left + INSET, base, line);
            });
        }
    }

    /// The titles, on a shade. Said once, and drawn on each sheet (`cells` are none from the second one on).
    fn header(&mut self, places: &[Place], cells: Option<&[ElementId]>) {
        let area = Area { left: MARGIN, top: self.top, width: WIDTH, height: height(1) };
        self.sheets.artifact(|sheets| sheets.fill(SHADE, area));
        let base = baseline(self.top + PADDING, STRONG);
        for (i, place) in places.iter().enumerate() {
            let Style { font, colour, .. } = STRONG;
            let title = self.sheets.faces.shortened(font, place.title, place.width - 2.0 * INSET);
            let draw = |sheets: &mut Sheets| {
                sheets.text(font, colour, place.left + INSET, base, &title);
            };
            match cells {
                Some(cells) => self.sheets.tagged(cells[i], draw),
                None => self.sheets.artifact(draw),
            }
        }
        self.top += height(1);
    }

    fn rule(&mut self) {
        let area = Area { left: MARGIN, top: self.top, width: WIDTH, height: 0.5 };
        self.sheets.artifact(|sheets| sheets.fill(RULE, area));
    }
}

fn placed(columns: &[Column]) -> Vec<Place> {
    let whole: f32 = columns.iter().map(|column| column.share).sum();
    let mut left = MARGIN;
    let place = |column: &Column| {
        let place = Place { title: column.title, left, width: column.share / whole * WIDTH };
        left += place.width;
        place
    };
    columns.iter().map(place).collect()
}

/// Of a row with so many lines.
fn height(lines: usize) -> f32 {
    lines as f32 * BODY.leading + 2.0 * PADDING
}
