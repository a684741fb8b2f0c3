import Base
import CommandLine
import Testing

@Suite struct FlagSetTests {
    private let flags = FlagSet(
        program: "tool", environmentPrefix: "TOOL",
        [
            .init("name", .string, "default", "Main", "The name."), .init("count", .int, "3", "Main", "A number."),
            .init("size", .uint, "4", "Main", "A size."), .init("streams", .uint32, "5", "Main", "A limit."),
            .init("verbose", .bool, "false", "Main", "Talk."), .init("wait", .duration, "1s", "Other", "A time."),
            .init("mode", .oneOf(["a", "b"]), "a", "Other", "A word."), .init("hosts", .strings, "*", "Other", "Texts."),
            .init("urls", .urls, "", "Other", "Addresses."), .init("old-name", .string, "", "Other", "", support: .renamed(to: "name")),
            .init("gone", .ignored, "", "Other", "", support: .ignored),
            .init("later", .string, "x", "Other", "", support: .unsupported(feature: "flying")),
            .init("fading", .int, "0", "Other", "Fades.", support: .deprecated("use nothing")),
        ])

    private func parse(_ arguments: String..., environment: [(name: String, value: String)] = []) throws(UsageError) -> FlagSettings {
        try flags.parse(arguments, environment: environment)
    }

    private func message(_ arguments: String..., environment: [(name: String, value: String)] = []) -> String? {
        do throws(UsageError) { _ = try flags.parse(arguments, environment: environment) } catch { return error.message }
        return nil
    }

    @Test func `one and two dashes, values after an equals sign or as the next word`() throws {
        let set = try parse("-name", "a", "--count=-7", "--size", "0x10", "-wait=1m30s", "--hosts=b,a,b", "--")
        #expect(set.text("name") == "a" && set.int("count") == -7 && set.uint("size") == 16)
        #expect(set.duration("wait") == .seconds(90) && set.list("hosts") == ["b", "a"])
        #expect(try parse("--name=").text("name") == "")
        #expect(try parse("--name", "-x").text("name") == "-x")
        #expect(try parse("--name=a=b").text("name") == "a=b")
        #expect(try parse("--name=a", "--name=b").text("name") == "b")
        #expect(set.uint("streams") == 5 && set.text("mode") == "a" && !set.isSet("mode") && set.isSet("name"))
    }

    @Test func `booleans stand alone or take a value after an equals sign only`() throws {
        #expect(try parse("--verbose").bool("verbose"))
        for text in ["true", "1", "T", "TRUE"] { #expect(try parse("--verbose=\(text)").bool("verbose")) }
        for text in ["false", "0", "f"] { #expect(try !parse("--verbose=\(text)").bool("verbose")) }
        #expect(message("--verbose", "false") == "'false' is not a valid flag. See 'tool --help'.")
        #expect(message("--verbose=maybe")!.contains("expected true or false"))
    }

    @Test func `numbers and durations are Go's`() throws {
        let numbers = [
            ("10", 10), ("0x1F", 31), ("0b101", 5), ("0o17", 15), ("017", 15), ("-3", -3), ("+3", 3), ("0x_ff", 255), ("1_000", 1000), ("0", 0),
        ]
        for (text, value) in numbers {
            #expect(try parse("--count=\(text)").int("count") == Int64(value), "\(text)")
        }
        for text in ["", "a", "1.5", "_1000", "1000_", "1__0", "--3", "9223372036854775808", "0x", "08", "1 "] {
            #expect(message("--count=\(text)") != nil, "\(text)")
        }
        #expect(try parse("--size=18446744073709551615").uint("size") == .max)
        #expect(message("--size=-1")!.contains("not negative"))
        #expect(message("--streams=4294967296")!.contains("4294967295"))
        #expect(message("--wait=5")!.contains("100ms"))
    }

    @Test func `an unknown flag is named and the nearest suggested`() {
        #expect(message("--nmae=x") == "unknown flag --nmae (command line); did you mean --name? See 'tool --help'.")
        #expect(message("--completely-different")! == "unknown flag --completely-different (command line). See 'tool --help'.")
        #expect(message("name")!.contains("did you mean --name?"))
        #expect(message("---name")!.contains("bad flag syntax: ---name"))
        #expect(message("--=x")!.contains("bad flag syntax"))
        #expect(message("-")!.contains("'-' is not a valid flag"))
        #expect(message("--", "rest")!.contains("'rest' is not a valid flag"))
        #expect(message("--count")! == "flag --count needs a value. See 'tool --help'.")
        #expect(message("--count=x")! == "invalid value \"x\" for --count (command line): expected a whole number. See 'tool --help'.")
        #expect(message("--mode=c")!.contains("expected one of: a, b"))
        #expect(message("--urls=ftp://a:1")!.contains("URL scheme must be"))
    }

    @Test func `the environment counts where the command line says nothing and both is an error`() throws {
        let set = try parse(
            "--count=1", environment: [("TOOL_NAME", "env"), ("TOOL_OTHER", "x"), ("OTHER", "y"), ("TOOL_COUNT", ""), ("TOOL_MDOE", "b")])
        #expect(set.text("name") == "env" && set.int("count") == 1)
        #expect(
            set.warnings == [
                "unrecognized environment variable TOOL_MDOE; did you mean TOOL_MODE?", "unrecognized environment variable TOOL_OTHER",
            ])
        #expect(set.describe("name") == "TOOL_NAME \"env\" (environment variable)")
        #expect(set.describe("count") == "--count \"1\" (command line)")
        #expect(set.describe("size") == "--size \"4\" (default)")
        #expect(message("--name=a", environment: [("TOOL_NAME", "a")])!.contains("both the environment variable TOOL_NAME and the flag --name"))
        #expect(message(environment: [("TOOL_COUNT", "x")])!.contains("for TOOL_COUNT (environment variable)"))
        #expect(message("--old-name=a", environment: [("TOOL_NAME", "a")])!.contains("--old-name"))
    }

    @Test func `older names work with a warning and do not contradict the new ones`() throws {
        let set = try parse("--old-name=a")
        #expect(set.text("name") == "a" && set.warnings == ["--old-name is deprecated; use --name"])
        #expect(try parse("--old-name=a", "--name=a").text("name") == "a")
        #expect(message("--old-name=a", "--name=b")!.contains("different values"))
        #expect(message("--name=a", "--old-name=b")!.contains("different values"))
    }

    @Test func `flags of other times are accepted, ignored, or refused by feature`() throws {
        #expect(try parse("--gone", "--gone=1", "--gone", "5", "--count=2").int("count") == 2)
        #expect(try parse("--gone").warnings == ["--gone is no longer used and was ignored"])
        #expect(try parse("--fading=1").warnings == ["--fading is deprecated; use nothing"])
        #expect(try parse("--later=x").isSet("later"))
        #expect(message("--later=y")! == "--later \"y\" (command line): flying is not supported yet by this build of tool; leave it out")
        #expect(message(environment: [("TOOL_LATER", "y")])!.contains("TOOL_LATER"))
    }

    @Test func `help and nothing else is read after it`() throws {
        #expect(try parse("--help", "--nonsense").wantsHelp)
        #expect(try parse("-h").wantsHelp)
        #expect(flags.help.contains("\nMain:\n  --name 'default'\n    The name.\n"))
        #expect(!flags.help.contains("later") && !flags.help.contains("gone") && !flags.help.contains("old-name"))
    }
}
