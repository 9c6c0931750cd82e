using System.CommandLine;
using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;

namespace GenAI.Chats.Api;

/// <summary>The server program: the server with its command line, for programs that offer it under another name.</summary>
public static class ChatsServer
{
    /// <summary>
    /// Runs the command of the command line, or the server until it stops. Errors that the operator can fix are printed without a stack trace, one per line.
    /// </summary>
    /// <param name="args">The program's arguments: a command, its options, and settings such as <c>--Api:GrpcPort=50051</c>.</param>
    /// <param name="commands">Commands in addition to those of the server.</param>
    /// <returns>The exit code: 0, 1 if the server couldn't start or the command failed, or 2 if the command line is invalid.</returns>
    public static Task<int> RunAsync(string[] args, params IEnumerable<Command> commands)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(commands);
        var program = new ServerProgram("The server of GenAI Chats: durable chat sessions over gRPC.", ApiOptions.SectionName, static settings => ApiServer.Build(settings))
        {
            Commands = settings => [.. ServerCommands.Create(settings, CommandConsole.Standard), .. commands],
        };
        return ServerRun.RunAsync(args, program);
    }
}
