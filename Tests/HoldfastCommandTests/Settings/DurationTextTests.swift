import Testing

@testable import HoldfastCommand

@Suite struct DurationTextTests {
    @Test(
        "a duration is digits and one unit",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("5m", .seconds(300)),
            ("2h", .seconds(7_200)),
            ("7d", .seconds(604_800)), ("0s", .zero),
        ])
    func reads(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(
        "anything else is no duration",
        arguments: [
            "", "s", "30", "30 s", "-1s", "1.5s", "1w", "1S", "+1s", "١s", "99999999999999999999s",
            "9223372036854775807d",
            "36501d", "1s1s",
        ])
    func refuses(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "a duration is written in the largest unit that divides it",
        arguments: ["500ms", "30s", "5m", "2h", "7d", "0s"])
    func writes(text: String) throws {
        #expect(DurationText.format(try #require(DurationText.parse(text))) == text)
    }
}
