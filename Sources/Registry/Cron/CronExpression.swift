// SPDX-License-Identifier: Apache-2.0

/// Times that come again, in five fields: minute, hour, day of the month, month, day of the week. In UTC.
///
/// A field is `*`, a value, a range `a-b`, either of the last with a step (`*/15`, `8-18/2`), or a list of these with
/// commas. Months and days of the week have names too (`JAN`, `MON`), in any case; Sunday is 0 and 7. `@hourly`,
/// `@daily` (`@midnight`), `@weekly`, `@monthly`, `@yearly` (`@annually`) are short for others.
///
/// As in cron, where both fields of days say something, a day need only meet one of them; a field that begins with `*`
/// says nothing for this purpose, and then both must be met.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let description: String
    private let fields: CronFields

    /// Parses an expression of at most 256 bytes.
    /// - Throws: `CronError`; also for what never comes, such as 31 February.
    public init(_ text: String) throws(CronError) {
        var parser = CronParser(text)
        fields = try parser.parse()
        description = text
        guard fields.ever else {
            throw CronError(
                parser.dayColumn, "no month of these has such a day, so that this time never comes",
                hint: "name a day or a month that makes a date")
        }
    }

    /// The first time that is later, in milliseconds since 1970; `nil` beyond what a JavaScript `Date` can say.
    public func next(after milliseconds: Int) -> Int? {
        guard milliseconds < Self.lastTime, milliseconds >= -Self.lastTime else { return nil }
        let minute = Self.floorDivide(milliseconds, by: 60_000) + 1
        let first = Self.floorDivide(minute, by: Self.minutesPerDay)
        var minuteOfDay = minute - first * Self.minutesPerDay
        var date = CivilDate(daysSince1970: first)
        // A certain weekday on 29 February may be 40 years away.
        for day in first...(first + 41 * 366) {
            if fields.holds(on: date), let minute = fields.minute(from: minuteOfDay) {
                let time = (day * Self.minutesPerDay + minute) * 60_000
                return time <= Self.lastTime ? time : nil
            }
            minuteOfDay = 0
            date.advance()
        }
        return nil
    }

    private static let minutesPerDay = 1440
    private static let lastTime = 8_640_000_000_000_000

    private static func floorDivide(_ number: Int, by divisor: Int) -> Int {
        number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
    }
}

/// The values of each field as bits, the lowest for zero.
struct CronFields: Sendable, Hashable {
    var minutes: UInt64 = 0
    var hours: UInt64 = 0
    var days: UInt64 = 0
    var months: UInt64 = 0
    /// Sunday is zero.
    var weekdays: UInt64 = 0
    /// Whether a day need only meet one of the two fields of days.
    var eitherDay = false

    /// Whether there is such a time at all.
    var ever: Bool {
        // Any weekday falls on any date in some year.
        eitherDay
            || (1...12).contains { month in
                months & 1 << UInt64(month) != 0
                    && days & (2 << UInt64(CivilDate.longest(month)) - 2) != 0
            }
    }

    func holds(on date: CivilDate) -> Bool {
        guard months & 1 << UInt64(date.month) != 0 else { return false }
        let byDay = days & 1 << UInt64(date.day) != 0
        let byWeekday = weekdays & 1 << UInt64(date.weekday) != 0
        return eitherDay ? byDay || byWeekday : byDay && byWeekday
    }

    /// The first minute of a day, from one on.
    func minute(from start: Int) -> Int? {
        let (hour, minute) = (start / 60, start % 60)
        if hours & 1 << UInt64(hour) != 0 {
            let rest = minutes >> UInt64(minute)
            if rest != 0 { return start + rest.trailingZeroBitCount }
        }
        let later = hours >> UInt64(hour + 1)
        guard later != 0 else { return nil }
        return (hour + 1 + later.trailingZeroBitCount) * 60 + minutes.trailingZeroBitCount
    }
}

/// A date of the Gregorian calendar.
struct CivilDate: Hashable {
    private(set) var year: Int
    /// From 1 to 12.
    private(set) var month: Int
    /// From 1.
    private(set) var day: Int
    /// From 0, which is Sunday.
    private(set) var weekday: Int

    /// The days of four hundred years always make the same pattern: counted from 1 March of year 0, leap days end years.
    init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        // 1970 began on a Thursday.
        weekday = ((days % 7) + 11) % 7
    }

    /// Becomes the next day.
    mutating func advance() {
        weekday = (weekday + 1) % 7
        day += 1
        guard day > Self.days(in: month, of: year) else { return }
        day = 1
        month += 1
        guard month > 12 else { return }
        month = 1
        year += 1
    }

    /// The days of a month in a leap year.
    static func longest(_ month: Int) -> Int {
        switch month {
        case 2: 29
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func days(in month: Int, of year: Int) -> Int {
        guard month == 2 else { return longest(month) }
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    }
}
