//! Chance that comes out the same every time.

/// xorshift64*: good enough to invent texts with, and the same on every machine.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not give similar numbers.
        let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((mixed ^ mixed >> 31) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// 0 to `sides` - 1.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        (self.unit() * sides as f64) as usize
    }

    /// 0 to 1, without 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

/// Numbers that come as often as they weigh.
pub(crate) struct Weighted(Vec<f64>);

impl Weighted {
    /// The weight of the nth of `n` is 1 ÷ (n + shift)^exponent.
    pub(crate) fn zipf(n: usize, shift: f64, exponent: f64) -> Self {
        let mut sum = 0.0;
        let sums = (0..n).map(|nth| {
            sum += (nth as f64 + shift).powf(-exponent);
            sum
        });
        Self(sums.collect())
    }

    pub(crate) fn draw(&self, dice: &mut Dice) -> usize {
        let sum = self.0.last().copied().unwrap_or_default();
        let at = dice.unit() * sum;
        self.0.partition_point(|up_to| *up_to <= at).min(self.0.len() - 1)
    }
}
