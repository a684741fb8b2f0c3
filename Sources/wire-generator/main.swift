import Glibc

// wire-generator <descriptor set> <output directory>: writes the Swift of every .proto file in the set. See generate.sh.

guard CommandLine.arguments.count == 3 else {
    print("usage: wire-generator <descriptor set from protoc> <output directory>")
    exit(2)
}

func read(_ path: String) -> [UInt8] {
    guard let file = unsafe fopen(path, "rb") else { fatalError("cannot open \(path)") }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    while true {
        let byte = unsafe fgetc(file)
        if byte == EOF { return bytes }
        bytes.append(UInt8(truncatingIfNeeded: byte))
    }
}

func write(_ text: String, to path: String) {
    guard let file = unsafe fopen(path, "wb") else { fatalError("cannot write \(path)") }
    guard unsafe fputs(text, file) >= 0, unsafe fclose(file) == 0 else { fatalError("cannot write \(path)") }
}

let head = """
    // Made by wire-generator from the .proto files; `make generate` makes it anew.

    """
let files = FileDescriptor.set(read(CommandLine.arguments[1])).filter { !$0.messages.isEmpty || !$0.enums.isEmpty }
    .filter { !$0.package.hasPrefix("google.") }
let packages = Set(files.map(\.package))

var namespaces = SourceText()
for package in packages.sorted() {
    namespaces.line("/// The messages of proto package `\(package)`.")
    namespaces.line("@usableFromInline")
    namespaces.line("package enum \(Names.namespace(package)) {}")
}
write(head + namespaces.text, to: CommandLine.arguments[2] + "/Namespaces.swift")

for file in files {
    var out = SourceText()
    out.line("import Base")
    let namespace = Names.namespace(file.package)
    for declared in file.enums { EnumEmitter(declared, inside: namespace).emit(into: &out) }
    for message in file.messages { MessageEmitter(message, in: file, inside: namespace, packages: packages).emit(into: &out) }
    let stem = file.name.split(separator: "/").last!.split(separator: ".")[0]
    write(head + out.text, to: "\(CommandLine.arguments[2])/\(stem).pb.swift")
}
