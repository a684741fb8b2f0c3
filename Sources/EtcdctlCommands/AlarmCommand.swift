import Base
import Client
import CommandLine
import Wire

enum AlarmCommand {
    static var command: Command {
        Command(
            "alarm <subcommand>", "Alarm related commands",
            children: [
                Command("list", "Lists all alarms") { invocation throws(ExitError) in
                    let session = Session(invocation)
                    guard session.arguments.isEmpty else { throw .arguments("alarm list command accepts no arguments") }
                    let client = try session.client()
                    try print(try attempt { () throws(ClientError) in try client.alarmList() }, session.output)
                },
                Command("disarm", "Disarms all alarms") { invocation throws(ExitError) in
                    let session = Session(invocation)
                    guard session.arguments.isEmpty else { throw .arguments("alarm disarm command accepts no arguments") }
                    try disarm(session)
                },
            ])
    }

    /// One after the other: a request names one alarm of one member.
    private static func disarm(_ session: Session) throws(ExitError) {
        let client = try session.client()
        let active = try attempt { () throws(ClientError) in try client.alarmList() }
        var disarmed = Etcdserverpb.AlarmResponse()
        for alarm in active.alarms {
            disarmed.alarms += try attempt { () throws(ClientError) in try client.alarmDisarm(alarm.memberID, alarm.alarm) }.alarms
        }
        try print(disarmed, session.output)
    }

    private static func print(_ response: Etcdserverpb.AlarmResponse, _ output: Output) throws(ExitError) {
        try output.print(
            response, simple: { Array(response.alarms.map { text($0) + "\n" }.joined().utf8) },
            fields: {
                Output.fields(response.header)
                    + response.alarms.map { "\"MemberID\" : \($0.memberID)\n\"AlarmType\" : \($0.alarm.description)\n" }.joined(separator: "\n")
                    + (response.alarms.isEmpty ? "" : "\n")
            })
    }

    private static func text(_ alarm: Etcdserverpb.AlarmMember) -> String {
        (alarm.memberID == 0 ? "" : "memberID:\(alarm.memberID) ") + (alarm.alarm == .none ? "" : "alarm:\(alarm.alarm.description) ")
    }
}
