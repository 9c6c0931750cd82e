using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>A watcher of a chat, as a front door is one, with all that it was told.</summary>
internal sealed class TestWatcher(TestSession session, Detail detail = Detail.Full, string token = "")
{
    private bool _isFirst = true;

    /// <summary>All events so far.</summary>
    public List<ChatEvent> Events { get; } = [];

    /// <summary>The position after them.</summary>
    public string Token { get; private set; } = token;

    /// <summary>Whether nothing more had happened at the last call.</summary>
    public bool IsCurrent { get; private set; }

    /// <summary>Whether the chat is deleted.</summary>
    public bool IsOver { get; private set; }

    /// <summary>A call: the events that are new, or that come within its wait.</summary>
    public async Task<IReadOnlyList<ChatEvent>> NextAsync()
    {
        var request = new WatchChatRequest { Token = Token, Detail = detail };
        var next = await session.CallAsync(s => s.WatchAsync(request, _isFirst));
        (_isFirst, Token, IsCurrent, IsOver) = (false, next.Token, next.IsCurrent, next.IsOver);
        var events = next.Events.Select(ChatEvent.Parser.ParseFrom).ToList();
        Events.AddRange(events);
        return events;
    }

    /// <summary>Calls until it has an event.</summary>
    public async Task UntilAsync(Func<ChatEvent, bool> isLast)
    {
        while (!Events.Any(isLast))
        {
            await NextAsync();
        }
    }

    /// <summary>Calls until it has everything that has happened.</summary>
    public async Task CatchUpAsync()
    {
        do
        {
            await NextAsync();
        }
        while (!IsCurrent);
    }

    /// <summary>Calls until it has the chat at a revision.</summary>
    public Task UntilAsync(long revision) => UntilAsync(e => e.Chat?.Revision >= revision);

    /// <summary>What it was told of turns in few words: see <see cref="Line(IEnumerable{ChatEvent})"/>.</summary>
    public string Turns => Line(Events.Where(e => e.Chat is null));

    /// <summary>What it was told in few words: see <see cref="Line(IEnumerable{ChatEvent})"/>.</summary>
    public override string ToString() => Line(Events);

    /// <summary>Events in few words: <c>chat0 +u1 started a ended chat1</c>.</summary>
    public static string Line(IEnumerable<ChatEvent> events) => string.Join(' ', events.Select(e => e.EventCase switch
    {
        ChatEvent.EventOneofCase.Chat => $"chat{e.Chat.Revision}",
        ChatEvent.EventOneofCase.Accepted => $"+{string.Concat(e.Accepted.Message.Parts.Select(Messages.Text))}",
        ChatEvent.EventOneofCase.Turn => Messages.Line([e.Turn.Event]),
        _ => e.EventCase.ToString().ToLowerInvariant(),
    }));
}
