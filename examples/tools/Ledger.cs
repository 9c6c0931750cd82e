using GenAI.Chats.Engine.Tools;

namespace GenAI.Chats.Examples.Tools;

/// <summary>
/// A file with a line for each order: setting <c>Ledger:Path</c>. A call takes as long as <c>Ledger:Delay</c> says, before and after it is written.
/// </summary>
internal static class Ledger
{
    private static readonly SemaphoreSlim Gate = new(1);

    /// <summary>Whether a call's order was written before.</summary>
    public static async Task<bool> HasAsync(IConfiguration configuration, ChatToolCall call, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken);
        try
        {
            return File.Exists(PathOf(configuration))
                && (await File.ReadAllLinesAsync(PathOf(configuration), cancellationToken)).Any(line => line.Split(' ')[0] == call.CallId);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Writes a call's order.</summary>
    public static async Task AppendAsync(IConfiguration configuration, ChatToolCall call, CancellationToken cancellationToken)
    {
        var delay = configuration.GetValue("Ledger:Delay", TimeSpan.Zero);
        await Task.Delay(delay, cancellationToken);
        await Gate.WaitAsync(cancellationToken);
        try
        {
            var what = call.Args.Fields.TryGetValue("what", out var value) ? value.StringValue : "";
            await File.AppendAllTextAsync(PathOf(configuration), $"{call.CallId} {what}\n", CancellationToken.None);
        }
        finally
        {
            Gate.Release();
        }

        await Task.Delay(delay, cancellationToken);
    }

    private static string PathOf(IConfiguration configuration) => configuration.GetValue("Ledger:Path", "ledger.txt");
}
