//! When people are active: hours and days of the week.

/// How active users are by local hour on weekdays, in thousandths of the day.
pub const HOURS_WEEKDAY: [u16; 24] =
    [12, 8, 6, 5, 6, 10, 18, 32, 54, 74, 81, 76, 62, 68, 78, 77, 71, 62, 48, 40, 37, 33, 26, 16];

/// How active users are by local hour at weekends, in thousandths of the day.
pub const HOURS_WEEKEND: [u16; 24] =
    [18, 12, 9, 7, 6, 8, 13, 22, 36, 53, 66, 70, 66, 61, 60, 60, 59, 58, 57, 60, 64, 60, 46, 29];

/// How active users are by weekday, Monday first, in thousandths of an average day.
pub const WEEKDAYS: [u16; 7] = [1_120, 1_180, 1_170, 1_140, 1_050, 640, 700];
