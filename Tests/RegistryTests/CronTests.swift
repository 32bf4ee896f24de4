// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Registry
import Testing

/// A simpler reading of the same rules: one minute after another is asked whether it fits.
private struct SlowCron {
    private let fields: [Set<Int>]
    private let isEither: Bool

    /// Only numbers, ranges, steps and stars.
    init(_ text: String) {
        let parts = text.split(separator: " ").map(String.init)
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...7]
        fields = zip(parts, ranges).map { part, range in
            var values: Set<Int> = []
            for item in part.split(separator: ",") {
                let halves = item.split(separator: "/")
                let bounds = halves[0].split(separator: "-").compactMap { Int($0) }
                let items = bounds.isEmpty ? range : bounds[0]...(bounds.count > 1 ? bounds[1] : bounds[0])
                let step = halves.count > 1 ? Int(halves[1]) ?? 1 : 1
                values.formUnion(
                    items.filter { ($0 - items.lowerBound) % step == 0 }.map { range == 0...7 ? $0 % 7 : $0 })
            }
            return values
        }
        isEither = !parts[2].hasPrefix("*") && !parts[4].hasPrefix("*")
    }

    func holds(_ calendar: Calendar, minute: Int) -> Bool {
        let date = Date(timeIntervalSince1970: Double(minute) * 60)
        let parts = calendar.dateComponents([.minute, .hour, .day, .month, .weekday], from: date)
        guard let m = parts.minute, let h = parts.hour, let d = parts.day, let mo = parts.month, let w = parts.weekday
        else { return false }
        let (day, weekday) = (fields[2].contains(d), fields[4].contains(w - 1))
        return fields[0].contains(m) && fields[1].contains(h) && fields[3].contains(mo)
            && (isEither ? day || weekday : day && weekday)
    }
}

@Suite("Cron expressions") struct CronTests {
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    /// Milliseconds since 1970, from `2026-11-21T15:07`.
    private func time(_ text: String) throws -> Int {
        Int(try Date("\(text):00Z", strategy: .iso8601).timeIntervalSince1970) * 1000
    }

    private func randomField(_ range: ClosedRange<Int>, using source: inout some RandomNumberGenerator) -> String {
        func item() -> String {
            let low = Int.random(in: range, using: &source)
            let high = Int.random(in: low...range.upperBound, using: &source)
            let step = Int.random(in: 1...(range.count - 1), using: &source)
            switch Int.random(in: 0..<5, using: &source) {
            case 0: return "\(low)"
            case 1: return "\(low)-\(high)"
            case 2: return "\(low)-\(high)/\(step)"
            default: return "\(low)"
            }
        }
        switch Int.random(in: 0..<6, using: &source) {
        case 0, 1: return "*"
        case 2: return "*/\(Int.random(in: 1...(range.count - 1), using: &source))"
        default: return (0...Int.random(in: 0...2, using: &source)).map { _ in item() }.joined(separator: ",")
        }
    }

    @Test("The next time is the first minute that fits, however the fields are written")
    func property() throws {
        var source = SplitMix(state: 20_261_121)
        let ranges = [0...59, 0...23, 1...31, 1...12, 0...7]
        // From here the days around the end of February of a leap year are near.
        let origin = try time("2024-02-26T00:00") / 60_000
        var found = 0
        for _ in 0..<400 {
            let text = ranges.map { randomField($0, using: &source) }.joined(separator: " ")
            guard let cron = try? CronExpression(text) else { continue }
            let slow = SlowCron(text)
            let start = origin + Int.random(in: 0..<4000, using: &source)
            let within = 3000
            let expected = ((start + 1)...(start + within)).first { slow.holds(Self.calendar, minute: $0) }
            let next = try #require(cron.next(after: start * 60_000), "\(text)")
            if let expected {
                found += 1
                #expect(next == expected * 60_000, "\(text) after minute \(start)")
            } else {
                #expect(next > (start + within) * 60_000, "\(text) after minute \(start)")
                #expect(slow.holds(Self.calendar, minute: next / 60_000), "\(text) after minute \(start)")
            }
        }
        #expect(found > 50)
    }

    @Test("Far times agree with the calendar, minute by minute of their day")
    func farTimes() throws {
        for text in ["59 23 31 12 *", "0 0 29 2 *", "30 12 1 1 */6", "0 0 29 2 */7", "15 3 13 * */5"] {
            let cron = try CronExpression(text)
            let slow = SlowCron(text)
            var time = try time("2095-06-01T00:00")
            for _ in 0..<3 {
                time = try #require(cron.next(after: time))
                #expect(slow.holds(Self.calendar, minute: time / 60_000), "\(text): \(time)")
            }
        }
    }

    @Test(
        "Known times",
        arguments: [
            ("* * * * *", "2026-11-21T15:07", "2026-11-21T15:08"),
            ("*/15 * * * *", "2026-11-21T15:45", "2026-11-21T16:00"),
            ("0 9-17 * * MON-FRI", "2026-11-20T17:00", "2026-11-23T09:00"),
            ("0 0 29 2 *", "2026-01-01T00:00", "2028-02-29T00:00"),
            // 2100 is no leap year.
            ("0 0 29 2 *", "2096-02-29T00:00", "2104-02-29T00:00"),
            // Both fields of days say something: the 13th, and every Friday.
            ("0 0 13 * FRI", "2026-11-21T00:00", "2026-11-27T00:00"),
            ("0 0 13 * 5", "2026-12-11T00:00", "2026-12-13T00:00"),
            // A field that begins with a star says nothing: the odd days that are Mondays.
            ("0 0 */2 * 1", "2026-11-21T00:00", "2026-11-23T00:00"),
            ("0 0 */2 * 1", "2026-11-23T00:00", "2026-12-07T00:00"),
            ("0 0 * * 7", "2026-11-21T00:00", "2026-11-22T00:00"),
            ("0 0 * * sat-SUN", "2026-11-21T00:00", "2026-11-22T00:00"),
            ("0 0 1 jan,jul *", "2026-11-21T00:00", "2027-01-01T00:00"),
            ("@hourly", "2026-12-31T23:30", "2027-01-01T00:00"),
            ("@weekly", "2026-11-21T00:00", "2026-11-22T00:00"),
            ("@YEARLY", "2026-11-21T00:00", "2027-01-01T00:00"),
            (" \t0  0 * * * ", "2026-11-21T00:00", "2026-11-22T00:00"),
            ("0 0 1 1 *", "1969-12-31T23:59", "1970-01-01T00:00"),
            ("0 12 * * *", "1899-12-31T12:00", "1900-01-01T12:00"),
        ])
    func known(_ text: String, _ after: String, _ expected: String) throws {
        #expect(try CronExpression(text).next(after: time(after)) == time(expected))
    }

    @Test("A time within a minute goes on with the next minute, and one before 1970 too")
    func milliseconds() throws {
        let cron = try CronExpression("* * * * *")
        #expect(cron.next(after: 59_999) == 60_000)
        #expect(cron.next(after: 60_000) == 120_000)
        #expect(cron.next(after: -1) == 0)
        #expect(cron.next(after: -60_001) == -60_000)
    }

    @Test("Beyond the last date of JavaScript nothing comes", arguments: [Int.max, 8_640_000_000_000_000, Int.min])
    func endOfTime(_ time: Int) throws {
        #expect(try CronExpression("* * * * *").next(after: time) == nil)
        #expect(try CronExpression("0 0 29 2 *").next(after: 8_639_999_999_999_999) == nil)
    }

    @Test(
        "What is wrong is refused with its place and a hint",
        arguments: [
            ("", 1, "minute, hour"), ("* * * *", 8, "minute, hour"), ("* * * * * *", 11, "no field for seconds"),
            ("60 * * * *", 1, "0 to 59"), ("* 24 * * *", 3, "0 to 23"), ("* * 0 * *", 5, "1 to 31"),
            ("* * 32 * *", 5, "1 to 31"), ("* * * 13 *", 7, "1 to 12"), ("* * * 0 *", 7, "JAN"),
            ("* * * * 8", 9, "SUN"), ("*/0 * * * *", 3, "1 to 59"), ("*/60 * * * *", 3, "write its value"),
            ("*/ * * * *", 3, "1 to 59"), ("0/15 * * * *", 2, "*/N"), ("30-10 * * * *", 1, "30-59,0-10"),
            ("1,,2 * * * *", 3, "0 to 59"), ("1, * * * *", 3, "0 to 59"), ("-1 * * * *", 1, "0 to 59"),
            ("1- * * * *", 3, "0 to 59"), ("1-2-3 * * * *", 4, "0 to 59"), ("** * * * *", 2, "0 to 59"),
            ("* * ? * *", 5, "write *"), ("* * L * *", 5, "not supported"), ("* * 15W * *", 7, "not supported"),
            ("* * * * MON#2", 12, "not supported"), ("* * * FOO *", 7, "JAN"), ("* * * * MONDAY", 9, "SUN"),
            ("* * * * WEEK", 9, "SUN"), ("1.5 * * * *", 2, "0 to 59"), ("٣ * * * *", 1, "0 to 59"),
            ("99999999999999999999 * * * *", 1, "0 to 59"), ("@reboot", 1, "@hourly"), ("@every 5m", 1, "@hourly"),
            ("@", 1, "@hourly"), ("TZ=Europe/Rome 0 0 * * *", 1, "UTC"), ("CRON_TZ=UTC 0 0 * * *", 1, "UTC"),
            ("0 0 31 2 *", 5, "makes a date"), ("0 0 30 2 */2", 5, "makes a date"),
            ("0 0 31 4,6,9,11 *", 5, "makes a date"), ("* * * * *\n", 10, "SUN"), ("*\0 * * * *", 2, "0 to 59"),
            (String(repeating: "1,", count: 500) + "1 * * * *", 257, "ranges"),
        ])
    func bad(_ text: String, _ column: Int, _ hint: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.column == column, "\(String(describing: error))")
        #expect(
            error?.hint.contains(hint) == true || error?.fault.contains(hint) == true, "\(String(describing: error))")
    }

    @Test("A date that comes only by its weekday is not impossible")
    func possible() throws {
        #expect(try CronExpression("0 0 31 2 MON").next(after: time("2026-11-21T00:00")) == time("2027-02-01T00:00"))
        #expect(try CronExpression("0 0 31 2,3 *").next(after: time("2026-11-21T00:00")) == time("2027-03-31T00:00"))
    }

    @Test("No text of the characters of cron ends the process")
    func noise() {
        var source = SplitMix(state: 7)
        let letters = Array("0123456789*/-,@ \tJANSUNL#?W\u{0}é")
        for _ in 0..<20_000 {
            let length = Int.random(in: 0..<24, using: &source)
            let text = String((0..<length).map { _ in letters.randomElement(using: &source) ?? "*" })
            if let cron = try? CronExpression(text) { #expect(cron.next(after: 0) != nil, "\(text)") }
        }
    }
}

/// The same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
