import Base

extension Interval {
    /// A time as callers of the public API give it, in seconds: the longest there is for what is longer, infinite or no number.
    init(seconds: Double) {
        let nanoseconds = seconds * 1e9
        // 2^63 is the first number above the range; every comparison with what is no number is false.
        let most = 9_223_372_036_854_775_808.0
        if nanoseconds < most, nanoseconds > -most {
            self.init(nanoseconds: Int64(nanoseconds))
        } else {
            self.init(nanoseconds: nanoseconds < 0 ? .min : .max)
        }
    }
}
