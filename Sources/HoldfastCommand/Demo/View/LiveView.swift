/// Draws a ``LiveFrame`` as lines.
///
/// Pure, so that it is tested without a terminal.
enum LiveView {
    /// The lines of one picture: header, a row for each server, totals, and as much of the ticker as fits.
    static func lines(_ frame: LiveFrame, title: String, columns: Int, rows: Int) -> [StyledLine] {
        var lines = header(frame, title: title, columns: columns)
        let ticker = 2
        let visible = max(1, rows - lines.count - totals(frame).count - ticker - 2)
        let busiest = max(frame.rows.map(\.savesPerSecond).max() ?? 0, 40)
        lines += frame.rows.prefix(visible).map { row($0, busiest: busiest) }
        if frame.rows.count > visible {
            lines.append(StyledLine(" … and \(frame.rows.count - visible) more servers", .dim))
        }
        lines.append(StyledLine())
        lines += totals(frame)
        lines.append(StyledLine())
        let room = min(max(rows - lines.count - 1, 0), 9)
        let newest = frame.notices.suffix(room)
        lines += newest.map(notice)
        // Always the same height, so that nothing jumps.
        lines += Array(repeating: StyledLine(), count: room - newest.count)
        return lines
    }

    /// The one line a second that is written where there is no terminal.
    static func progress(_ frame: LiveFrame) -> String {
        let (tally, up) = (frame.tally, frame.rows.count { $0.state == .up })
        return "\(phase(frame)) \(clock(frame)): \(up)/\(frame.rows.count) servers up, \(frame.present) players, "
            + "\(tally.saves) saves (\(Int(frame.savesPerSecond))/s), \(tally.hops) hops, "
            + "\(tally.trades) trades, \(tally.delivered) rewards, \(tally.applied) operations applied, "
            + "\(tally.worldSaves) saves of worlds, \(tally.scores) scores, "
            + "\(tally.announcements) announcements, "
            + "\(tally.crashes) crashes, \(tally.freezes) freezes, \(tally.restarts) restarts, "
            + "\(tally.refused) stale writes refused"
    }

    private static func header(_ frame: LiveFrame, title: String, columns: Int) -> [StyledLine] {
        var first = StyledLine(" holdfast demo ", .bold)
        first.add(" \(title)", .dim)
        let clock = "\(phase(frame)) \(clock(frame)) "
        let gap = columns - first.width - clock.count
        if gap > 0 {
            first.add(String(repeating: " ", count: gap))
            first.add(clock, .bold)
        }
        let share = min(1, max(0, frame.elapsed / frame.duration))
        let filled = Int((Double(columns) * share).rounded())
        var bar = StyledLine(String(repeating: "━", count: filled), .cyan)
        bar.add(String(repeating: "─", count: max(columns - filled, 0)), .dim)
        var heading = StyledLine()
        heading.add(" server", width: 9, .dim)
        heading.add("state", width: 12, .dim)
        heading.add("pid", width: 8, .dim, alignedRight: true)
        heading.add("players", width: 9, .dim, alignedRight: true)
        heading.add("doubtful", width: 10, .dim, alignedRight: true)
        heading.add("  saves/s", width: 23, .dim)
        heading.add("last event", .dim)
        return [first, bar, heading]
    }

    private static func row(_ row: LiveFrame.Row, busiest: Double) -> StyledLine {
        let (mark, word, ink): (String, String, StyledLine.Ink) =
            switch row.state {
            case .starting: ("◌", "starting", .yellow)
            case .up: ("●", "up", .green)
            case .frozen: ("❄", "frozen", .blue)
            case .crashed: ("✗", "crashed", .red)
            case .retiring, .draining: ("◐", "draining", .yellow)
            case .gone: ("○", "gone", .dim)
            }
        var line = StyledLine()
        line.add(" \(row.name)", width: 9, .bold)
        line.add("\(mark) \(word)", width: 12, ink)
        line.add(row.pid.map { "\($0)" } ?? "", width: 8, .dim, alignedRight: true)
        line.add("\(row.players)", width: 9, alignedRight: true)
        line.add(
            row.doubtful > 0 ? "\(row.doubtful)" : "·", width: 10, row.doubtful > 0 ? .yellow : .dim, alignedRight: true
        )
        line.add("  ")
        line.add(bar(row.savesPerSecond / busiest, width: 14), .cyan)
        line.add(" \(Int(row.savesPerSecond.rounded()))", width: 6, alignedRight: true)
        line.add(" ")
        line.add(row.lastEvent)
        return line
    }

    /// A bar of eighths, filled up with spaces to `width`.
    static func bar(_ share: Double, width: Int) -> String {
        let eighths = Int((min(max(share, 0), 1) * Double(width * 8)).rounded())
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        let bar = String(repeating: "█", count: eighths / 8) + partial
        return bar + String(repeating: " ", count: width - bar.count)
    }

    private static func totals(_ frame: LiveFrame) -> [StyledLine] {
        let tally = frame.tally
        let hop = tally.handOverMillis.summary
        let back = tally.takeOverMillis.summary
        let save = tally.saveMillis.summary
        func whole(_ value: Double) -> String { "\(Int(value.rounded()))" }
        var lines = [
            StyledLine(
                " \(frame.present) of \(frame.players) players online · \(tally.saves) saves, "
                    + "\(Int(frame.savesPerSecond.rounded())) a second · \(tally.hops) hops · \(tally.trades) trades"),
            StyledLine(
                " \(tally.delivered) rewards delivered, \(tally.applied) operations applied · "
                    + "\(tally.crashes) crashes · \(tally.freezes) freezes · \(tally.refused) stale writes refused"),
            StyledLine(
                " worlds saved \(tally.worldSaves) times · \(tally.scores) scores on boards · "
                    + "\(tally.announcements) announcements, heard \(tally.heard) times"),
        ]
        var latencies = StyledLine(" hop ", .dim)
        latencies.add("\(whole(hop.p50)) ms, p99 \(whole(hop.p99))")
        latencies.add(" · save ", .dim)
        latencies.add("\(whole(save.p50)) ms, p99 \(whole(save.p99))")
        latencies.add(" · back after a crash ", .dim)
        latencies.add(tally.takeOverMillis.count > 0 ? "\(whole(back.p50)) ms, slowest \(whole(back.max))" : "–")
        lines.append(latencies)
        return lines
    }

    private static func notice(_ notice: FleetNotice) -> StyledLine {
        let (mark, ink): (String, StyledLine.Ink) =
            switch notice.kind {
            case .server: ("·", .plain)
            case .hop: ("→", .dim)
            case .crash: ("✗", .red)
            case .freeze: ("❄", .blue)
            case .recovery: ("✓", .green)
            case .trouble: ("!", .yellow)
            }
        let tenths = Int((notice.at / .milliseconds(100)).rounded())
        var line = StyledLine()
        line.add("\(tenths / 10).\(tenths % 10) s", width: 9, .dim, alignedRight: true)
        line.add("  \(mark) ", ink)
        line.add(notice.text, ink)
        return line
    }

    private static func phase(_ frame: LiveFrame) -> String {
        switch frame.phase {
        case .starting: "starting"
        case .playing: "playing"
        case .settling: "settling"
        case .draining: "draining"
        case .finished: "done"
        }
    }

    private static func clock(_ frame: LiveFrame) -> String {
        func text(_ duration: Duration) -> String {
            let seconds = Int(duration / .seconds(1))
            return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
        }
        return "\(text(frame.elapsed)) / \(text(frame.duration))"
    }
}
