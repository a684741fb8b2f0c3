import EtcdctlCommands

EtcdctlProgram.run(Array(CommandLine.arguments.dropFirst()))
