/// A part of a picture, in pixels. All four are even, as chroma has half the resolution.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rect {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
    /// Width.
    pub width: usize,
    /// Height.
    pub height: usize,
}

/// Between tiles, in pixels.
const GAP: usize = 4;

/// The cells of a picture of this size for so many tiles: alone, side by side, 2×2, 3×2. The last row's cells are
/// in the middle of it.
#[must_use]
pub fn grid(tiles: usize, width: usize, height: usize) -> Vec<Rect> {
    if tiles <= 1 {
        return vec![Rect { x: 0, y: 0, width: even(width), height: even(height) }; tiles];
    }
    let columns = if tiles <= 4 { 2 } else { 3 };
    let rows = tiles.div_ceil(columns);
    let cell_width = even((width - GAP * (columns - 1)) / columns);
    let cell_height = even((height - GAP * (rows - 1)) / rows);
    (0..tiles)
        .map(|i| {
            let (column, row) = (i % columns, i / columns);
            let in_row = if row + 1 == rows { tiles - row * columns } else { columns };
            let left = even((width - in_row * cell_width - (in_row - 1) * GAP) / 2);
            let (x, y) = (left + column * (cell_width + GAP), row * (cell_height + GAP));
            Rect { x, y, width: cell_width, height: cell_height }
        })
        .collect()
}

/// The cells of a picture of this size for what is large and the people beside it: the former at the left, the others in a strip at
/// the right, in the middle of its height.
#[must_use]
pub fn strip(tiles: usize, width: usize, height: usize) -> Vec<Rect> {
    let people = tiles.saturating_sub(1);
    let beside = if people == 0 { 0 } else { even(width / 5) };
    let large = Rect { x: 0, y: 0, width: even(width - beside), height: even(height) };
    let cell = (even(beside.saturating_sub(GAP)), even(beside.saturating_sub(GAP) * 9 / 16));
    let used = people * cell.1 + people.saturating_sub(1) * GAP;
    let top = even(height.saturating_sub(used) / 2);
    let people = (0..people).map(|i| Rect {
        x: even(width) - cell.0,
        y: top + i * (cell.1 + GAP),
        width: cell.0,
        height: cell.1,
    });
    std::iter::once(large).chain(people).take(tiles).collect()
}

/// The largest part of a cell with the proportions of a picture of this size, in the middle of it.
#[must_use]
pub fn fit(cell: Rect, width: usize, height: usize) -> Rect {
    let (width, height) = (width.max(1), height.max(1));
    let (w, h) = if cell.width * height <= cell.height * width {
        (cell.width, cell.width * height / width)
    } else {
        (cell.height * width / height, cell.height)
    };
    let (w, h) = (even(w).max(2), even(h).max(2));
    Rect {
        x: cell.x + even((cell.width - w) / 2),
        y: cell.y + even((cell.height - h) / 2),
        width: w,
        height: h,
    }
}

pub(super) fn even(value: usize) -> usize {
    value & !1
}

#[cfg(test)]
mod tests {
    use super::{super::scene::MOST_IN_GRID, *};

    #[test]
    fn tiles_lie_within_the_picture_and_apart() {
        for (width, height) in [(1280, 720), (640, 360), (352, 288), (1024, 576)] {
            for tiles in 0..=MOST_IN_GRID {
                let (cells, beside) = (grid(tiles, width, height), strip(tiles, width, height));
                assert_eq!((cells.len(), beside.len()), (tiles, tiles));
                for cells in [cells, beside] {
                    for (i, a) in cells.iter().enumerate() {
                        assert!([a.x, a.y, a.width, a.height].iter().all(|v| v % 2 == 0), "{a:?}");
                        assert!(a.x + a.width <= width && a.y + a.height <= height, "{a:?}");
                        assert!(cells[..i].iter().all(|b| apart(*a, *b)), "{tiles} tiles: {cells:?}");
                    }
                }
            }
        }
    }

    fn apart(a: Rect, b: Rect) -> bool {
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
    }

    #[test]
    fn a_third_tile_stands_in_the_middle_of_its_row() {
        let cells = grid(3, 1280, 720);
        assert!((cells[2].x + cells[2].width / 2).abs_diff(640) <= 1);
    }

    #[test]
    fn proportions_are_kept() {
        let cell = Rect { x: 10, y: 20, width: 638, height: 720 };
        assert_eq!(fit(cell, 1280, 720), Rect { x: 10, y: 200, width: 638, height: 358 });
        let portrait = fit(cell, 360, 640);
        assert_eq!((portrait.width, portrait.height), (404, 720));
        assert_eq!(fit(cell, 0, 0).width, 638);
    }
}
