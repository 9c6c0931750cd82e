using GenAI.Chats.Console;

return await ConsoleCommand.RunAsync(args, static async arguments =>
{
    try
    {
        using var chats = new ChatsClient(arguments.ToOptions());
        var session = await ChatSession.StartAsync(chats, arguments).ConfigureAwait(false);
        return arguments.Message is not null || Console.IsInputRedirected
            ? await PipedRun.RunAsync(session, arguments.Message).ConfigureAwait(false)
            : await new Shell(session, arguments.Address).RunAsync().ConfigureAwait(false);
    }
    catch (ArgumentException wrong)
    {
        await Console.Error.WriteLineAsync(wrong.Message).ConfigureAwait(false);
        return ExitCodes.Usage;
    }
    catch (ChatException failure)
    {
        await Console.Error.WriteLineAsync(Explanations.Of(failure, arguments.Address)).ConfigureAwait(false);
        return ExitCodes.Failed;
    }
}).ConfigureAwait(false);
