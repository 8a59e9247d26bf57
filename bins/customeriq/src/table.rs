//! Tables for eyes: columns lined up, long cells cut.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::exit::Failure;
use crate::output::{Output, Style, visible};

/// The widest a column gets.
const COLUMN_WIDTH_MAX: usize = 48;

/// What stands for nothing.
const NOTHING: &str = "-";

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A table for eyes.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Makes a table with the given columns.
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.columns.len(), "a row has a cell per column");
        self.rows.push(cells.into_iter().map(|cell| cut(&visible(&cell))).collect());
    }

    /// Writes the table.
    pub(crate) fn write(&self, output: &mut Output) -> Result<(), Failure> {
        let widths: Vec<usize> = (0..self.columns.len()).map(|n| self.width(n)).collect();
        let names: Vec<String> = self.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let head = self.lined_up(&names, &widths);
        let head = output.paint(Style::Bold, head);
        output.line(head)?;
        for row in &self.rows {
            let line = self.lined_up(row, &widths);
            output.line(line)?;
        }
        Ok(())
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        let name = self.columns.get(column).map_or(0, |(name, _)| name.width());
        cells.max().unwrap_or(0).max(name)
    }

    fn lined_up(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, align)) in cells.iter().zip(widths).zip(&self.columns) {
            let gap = " ".repeat(width.saturating_sub(cell.width()));
            match align {
                Align::Left => line.extend([cell.as_str(), gap.as_str(), "  "]),
                Align::Right => line.extend([gap.as_str(), cell.as_str(), "  "]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// Shows what may be absent.
pub(crate) fn or_nothing(value: Option<&str>) -> String {
    value.filter(|text| !text.is_empty()).unwrap_or(NOTHING).to_owned()
}

/// Shows a time to the minute, as `2024-12-14 00:00`; it is universal time.
pub(crate) fn minute(time: Option<&str>) -> String {
    let Some(time) = time else { return NOTHING.to_owned() };
    time.get(..16).unwrap_or(time).replace('T', " ")
}

/// Shows the day of a time.
pub(crate) fn day(time: Option<&str>) -> String {
    let Some(time) = time else { return NOTHING.to_owned() };
    time.get(..10).unwrap_or(time).to_owned()
}

/// Shows a count with its thousands apart: 12,345.
pub(crate) fn count(number: impl TryInto<u64> + Copy) -> String {
    let digits = number.try_into().unwrap_or(0).to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Shows how many of something there are: `1 order`, `2 orders`.
pub(crate) fn counted(number: impl TryInto<u64> + Copy, noun: &str) -> String {
    let plural = if number.try_into().is_ok_and(|number| number == 1) { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// Cuts a text to the width of a column.
fn cut(text: &str) -> String {
    if text.width() <= COLUMN_WIDTH_MAX {
        return text.to_owned();
    }
    let mut width = 1;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width <= COLUMN_WIDTH_MAX
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, shown) in
            [(0_u64, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")]
        {
            assert_eq!(count(number), shown);
        }
        assert_eq!(
            (counted(1, "order"), counted(0, "order")),
            ("1 order".into(), "0 orders".into())
        );
    }

    #[test]
    fn long_cells_are_cut_and_wide_signs_count_twice() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"x".repeat(60)).width(), COLUMN_WIDTH_MAX);
        assert!(cut(&"漢".repeat(60)).width() <= COLUMN_WIDTH_MAX);
    }

    #[test]
    fn a_time_is_shown_to_the_minute() {
        assert_eq!(minute(Some("2024-12-14T00:00:00Z")), "2024-12-14 00:00");
        assert_eq!(minute(None), "-");
        assert_eq!(day(Some("2024-12-14T00:00:00Z")), "2024-12-14");
    }
}
