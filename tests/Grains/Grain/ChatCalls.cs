using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>Calls of a chat in few words.</summary>
internal static class ChatCalls
{
    /// <summary>Sends; without the events that were ready, so that a retry's answer can be compared.</summary>
    public static async Task<AcceptedTurn> SendAsync(this IChatGrain chat, string text, string requestId = "")
    {
        var accepted = await chat.SendAsync(Messages.Send(text, requestId), stream: true);
        return new AcceptedTurn(accepted.TurnId, accepted.RequestId);
    }

    /// <summary>Reads a turn to its end, as the front door does: over activations that end.</summary>
    public static async Task<List<TurnEvent>> ReadToEndAsync(this IChatGrain chat, string turnId)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var all = new List<TurnEvent>();
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            try
            {
                var events = await chat.ReadTurnAsync(turnId, all.Count > 0 ? all[^1].Offset : 0);
                all.AddRange(events.Decode());
                if (events.Ended)
                {
                    return all;
                }
            }
            catch (ChatConflictException)
            {
                await Task.Yield();
            }
        }
    }

    public static async Task<Turn> EndOfAsync(this IChatGrain chat, string turnId) => (await chat.ReadToEndAsync(turnId))[^1].Ended;

    public static async Task<string> HistoryAsync(this IChatGrain chat, bool curated = false) =>
        Messages.Line((await chat.GetHistoryAsync(new GetHistoryRequest { Curated = curated })).History);
}
