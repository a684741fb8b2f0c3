import EtcdutlCommands

EtcdutlProgram.run(Array(CommandLine.arguments.dropFirst()))
