using GenAI.Chats.Api.Commands;
using GenAI.Chats.Api.Hosting;

try
{
    if (await ServerCommands.TryRunAsync(args, new CommandConsole(Console.Out, Console.Error)) is { } exitCode)
    {
        return exitCode;
    }

    await ApiServer.Build(args).RunAsync();
    return 0;
}
catch (Exception failure) when (StartFailure.Explain(failure) is { } explanation)
{
    await Console.Error.WriteLineAsync(explanation);
    return 1;
}
