namespace GenAI.Chats.Console.Tests.Support;

/// <summary>Parses command lines.</summary>
internal static class Arguments
{
    /// <summary>Returns what the program would run with.</summary>
    public static async Task<ConsoleArguments> ParseAsync(params string[] args)
    {
        ConsoleArguments? parsed = null;
        var code = await ConsoleCommand.RunAsync(args, "./chat", "./run", arguments =>
        {
            parsed = arguments;
            return Task.FromResult(ExitCodes.Good);
        });
        Assert.Equal(ExitCodes.Good, code);
        return parsed ?? throw new InvalidOperationException("The program doesn't chat.");
    }
}
