//! Reads the pieces of a date from left to right.

/// A digit of any width as a number.
pub(super) fn digit(c: char) -> Option<i16> {
    match c {
        '0'..='9' => i16::try_from(c as u32 - '0' as u32).ok(),
        '０'..='９' => i16::try_from(c as u32 - '０' as u32).ok(),
        _ => None,
    }
}

pub(super) fn is_digit(c: char) -> bool {
    digit(c).is_some()
}

/// A digit as it stands in a year written in characters. Zero comes in many guises.
pub(super) fn han_digit(c: char) -> Option<i16> {
    Some(match c {
        '〇' | '○' | '零' | 'O' | 'Ｏ' | 'o' | '◯' | '0' | '０' => 0,
        '一' | '壹' => 1,
        '二' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// A reader of one date; blanks within a line are passed over before each piece.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// More blanks than this do not stand inside a date.
const BLANKS: usize = 4;

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    pub(super) fn end(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        for _ in 0..BLANKS {
            match self.peek() {
                Some(c) if c != '\n' && (c.is_whitespace() || is_invisible(c)) => self.at += c.len_utf8(),
                _ => return,
            }
        }
    }

    pub(super) fn one_of(&mut self, wanted: &str) -> Option<char> {
        self.skip_blanks();
        let c = self.peek().filter(|c| wanted.contains(*c))?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Exactly so many digits, and no further one unless the caller reads on.
    pub(super) fn digits(&mut self, count: usize) -> Option<i16> {
        let mut value = 0;
        for _ in 0..count {
            let c = self.peek()?;
            value = value * 10 + digit(c)?;
            self.at += c.len_utf8();
        }
        Some(value)
    }

    pub(super) fn two_digits(&mut self) -> Option<i16> {
        self.digits(2)
    }

    pub(super) fn one_or_two_digits(&mut self) -> Option<i16> {
        self.skip_blanks();
        let mut value = self.digits(1)?;
        if let Some(next) = self.peek().and_then(digit) {
            self.digits(1)?;
            value = value * 10 + next;
        }
        // A third digit makes it the part of something else.
        self.peek().and_then(digit).is_none().then_some(value)
    }

    /// Four digits or four characters: `2021`, `二〇二一`.
    pub(super) fn year(&mut self) -> Option<i16> {
        let start = self.at;
        if let Some(year) = self.digits(4) {
            return Some(year);
        }
        self.at = start;
        let mut value = 0;
        for _ in 0..4 {
            let c = self.peek()?;
            value = value * 10 + han_digit(c)?;
            self.at += c.len_utf8();
            self.skip_blanks();
        }
        Some(value)
    }

    /// Two digits or two characters: `98`, `九八`.
    pub(super) fn short_year(&mut self) -> Option<i16> {
        let mut value = 0;
        for _ in 0..2 {
            let c = self.peek()?;
            value = value * 10 + digit(c).or_else(|| han_digit(c))?;
            self.at += c.len_utf8();
        }
        Some(value)
    }

    /// A month or day: `2`, `22`, `二`, `十`, `二十二`, `廿二`.
    pub(super) fn small_number(&mut self) -> Option<i16> {
        self.skip_blanks();
        if self.peek().and_then(digit).is_some() {
            return self.one_or_two_digits();
        }
        let start = self.at;
        let mut tens = None;
        let mut ones = None;
        while let Some(c) = self.peek() {
            match c {
                '十' | '拾' if tens.is_none() => tens = Some(ones.take().unwrap_or(1)),
                '廿' if tens.is_none() && ones.is_none() => tens = Some(2),
                '卅' if tens.is_none() && ones.is_none() => tens = Some(3),
                _ => match han_digit(c) {
                    // 二二 for twenty-two is a year's way of counting.
                    Some(d) if ones.is_none() && !(d == 0 && tens.is_none()) => ones = Some(d),
                    _ => break,
                },
            }
            self.at += c.len_utf8();
        }
        (self.at > start).then(|| tens.unwrap_or(0) * 10 + ones.unwrap_or(0))
    }
}

/// Whether `text` is a clock time or nothing: ` 09:56`, `T09:56:34.1+08:00`, `-21:50:00`, ` 9时30分`,
/// ` 9:23:57 PM`.
pub(super) fn is_clock_time(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return true;
    }
    let text = text.trim_start_matches(['T', '-', ' ', '\u{3000}']);
    let of_twelve_hours = ["AM", "PM", "am", "pm"]
        .iter()
        .find_map(|sign| text.strip_suffix(sign));
    let text = of_twelve_hours.map_or(text, str::trim_end);
    let mut parts = text.split([':', '：', '时', '分', '秒', '.', '+', 'Z']);
    let number = |part: &str, most: u32| {
        part.len() <= 9
            && part.bytes().all(|b| b.is_ascii_digit())
            && part.parse().is_ok_and(|n: u32| n <= most)
    };
    let hour = parts.next().is_some_and(|part| number(part, 24));
    let minute = parts.next().is_some_and(|part| number(part, 59));
    hour && minute && parts.all(|part| part.is_empty() || number(part, 999_999_999))
}
