use super::{BITS, Code, ENDS, Frame};
use std::collections::BTreeSet;

/// Smallest cells that are looked for, pixels: a ninth of a mix shows them at two thirds, a sixteenth at half.
const SMALLEST: usize = 6;
/// Lines of chroma from one look to the next: at the smallest cells a bar is 14 lines high.
const STEP: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hue {
    Magenta,
    Green,
    Other,
}

/// Neighbours of one hue on a line of chroma.
#[derive(Clone, Copy, Debug)]
struct Run {
    hue: Hue,
    start: usize,
    length: usize,
}

/// All codes in a picture, each once, whatever their place and size.
pub(crate) fn find(frame: &Frame<'_>) -> Vec<Code> {
    let mut found = BTreeSet::new();
    for line in (STEP / 2..frame.height / 2).step_by(STEP) {
        let runs = runs(frame, line);
        for at in 0..runs.len() {
            if let Some(code) = bar_at(frame, line, &runs[at..]) {
                found.insert((code.sender, code.counter));
            }
        }
    }
    found.into_iter().map(|(sender, counter)| Code { sender, counter }).collect()
}

fn runs(frame: &Frame<'_>, line: usize) -> Vec<Run> {
    let [_, u, v] = frame.planes;
    let (u, v) = (&u[line * frame.strides[1]..], &v[line * frame.strides[2]..]);
    let mut runs: Vec<Run> = Vec::new();
    for (start, (u, v)) in u.iter().zip(v).take(frame.width / 2).enumerate() {
        let hue = hue(*u, *v);
        match runs.last_mut() {
            Some(run) if run.hue == hue => run.length += 1,
            _ => runs.push(Run { hue, start, length: 1 }),
        }
    }
    // Where two colours meet, scaling and coding leave a pixel or two of neither.
    let seam = |run: &Run| run.hue == Hue::Other && run.length <= 2;
    runs.retain(|run| !seam(run));
    runs
}

fn hue(u: u8, v: u8) -> Hue {
    match (u, v) {
        (155.., 155..) => Hue::Magenta,
        (..=100, ..=100) => Hue::Green,
        _ => Hue::Other,
    }
}

/// Reads the bar that begins with these runs, if one does.
fn bar_at(frame: &Frame<'_>, line: usize, runs: &[Run]) -> Option<Code> {
    let [a, b, c, middle, d, e, f, ..] = runs else { return None };
    let hues = [a, b, c, middle, d, e, f].map(|run| run.hue);
    let expected = [Hue::Magenta, Hue::Green, Hue::Magenta, Hue::Other, Hue::Green, Hue::Magenta, Hue::Green];
    let width = (f.start + f.length - a.start) * 2;
    let cells = BITS + 2 * ENDS;
    let alike = |run: &Run| {
        let (cell, run) = (width, run.length * 2 * cells);
        run * 2 > cell && run < cell * 2
    };
    if hues != expected || width < SMALLEST * cells || ![a, b, c, d, e, f].into_iter().all(alike) {
        return None;
    }
    let luma = &frame.planes[0][line * 2 * frame.strides[0]..];
    let mut bits = 0;
    for bit in 0..BITS {
        // The middle of the cell.
        let x = a.start * 2 + width * (2 * (ENDS + bit) + 1) / (2 * cells);
        match luma.get(x)? {
            165.. => bits = bits << 1 | 1,
            ..=85 => bits <<= 1,
            // Neither black nor white: the picture is destroyed.
            _ => return None,
        }
    }
    Code::from_bits(bits)
}
