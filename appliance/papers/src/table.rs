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

/// A cell, broken into lines.
struct Cell {
    left: f32,
    element: ElementId,
    lines: Vec<String>,
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
        let cells = self.cells(places, element, row);
        let count = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(0);
        let fits_on_a_sheet = height(count) <= TEXT_HEIGHT - height(1);
        if self.left_over() < height(if fits_on_a_sheet { count } else { 2 }) {
            self.next_sheet();
            self.header(places, None);
        }
        let mut done = 0;
        while done < count {
            if done > 0 {
                self.next_sheet();
                self.header(places, None);
            }
            let fits = ((self.left_over() - 2.0 * PADDING) / BODY.leading) as usize;
            let fits = fits.clamp(1, count - done);
            self.part_of_row(&cells, done, fits);
            done += fits;
        }
    }

    fn cells(&mut self, places: &[Place], row_element: ElementId, row: &Row) -> Vec<Cell> {
        let mut cells = Vec::new();
        for (place, paragraphs) in places.iter().zip(row) {
            let mut lines = Vec::new();
            for paragraph in paragraphs {
                let text = self.sheets.writable(paragraph);
                lines.extend(self.sheets.faces.wrap(BODY.font, &text, place.width - 2.0 * INSET));
            }
            cells.push(Cell {
                left: place.left + INSET,
                element: self.sheets.tags.add(row_element, "TD"),
                lines,
            });
        }
        cells
    }

    /// So many lines of each cell, after those that stand on sheets before.
    fn part_of_row(&mut self, cells: &[Cell], done: usize, count: usize) {
        let top = self.top + PADDING;
        for cell in cells {
            for (i, line) in cell.lines.iter().skip(done).take(count).enumerate() {
                let base = baseline(top + i as f32 * BODY.leading, BODY);
                self.sheets.tagged(cell.element, |sheets| {
                    sheets.text(BODY.font, BODY.colour, cell.left, base, line);
                });
            }
        }
        if let Some(first) = cells.first().filter(|first| 0 < done && first.lines.len() <= done) {
            self.reminder(first, top, count);
        }
        self.top += height(count);
        self.rule();
    }

    /// Whose row it is that goes on here: nobody has to turn back for it.
    fn reminder(&mut self, cell: &Cell, top: f32, count: usize) {
        let first_line = cell.lines.first().map_or("", String::as_str);
        for (i, line) in [first_line, "(suite)"].into_iter().take(count).enumerate() {
            let base = baseline(top + i as f32 * LABEL.leading, LABEL);
            self.sheets.artifact(|sheets| sheets.text(LABEL.font, LABEL.colour, cell.left, base, line));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Accent, Brand,
        sheets::{SHEET, mm},
    };
    use printpdf::Op;
    use tabellion_domain::settings::Support;

    #[test]
    fn a_row_keeps_out_of_the_foot_wherever_it_begins() {
        let accent = Accent { red: 0, green: 0, blue: 0 };
        let brand = Brand { service: String::new(), accent, support: Support::default() };
        let places = placed(&[Column { title: "Présence", share: 1.0 }]);
        for lines in [1, 3, 120] {
            let row = vec![(0..lines).map(|i| format!("Ligne {i}")).collect()];
            for left_over in 0_u8..60 {
                let mut flow = Flow::new(&brand, "Relevé").unwrap();
                flow.top += flow.left_over() - f32::from(left_over);
                let element = flow.sheets.tags.add(ROOT, "TR");
                flow.row(&places, element, &row);
                let bases = flow.sheets.pages.iter().flatten().filter_map(|op| match op {
                    Op::SetTextCursor { pos } => Some(mm(SHEET.1) - pos.y.0),
                    _ => None,
                });
                let lowest = bases.fold(0.0, f32::max);
                assert!(lowest < flow.top + flow.left_over(), "{lines} lines, {left_over} pt from the foot");
            }
        }
    }
}
