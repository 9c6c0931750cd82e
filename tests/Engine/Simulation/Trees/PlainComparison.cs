using System.Globalization;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>A chat at one instant, in words, as clients see it.</summary>
/// <param name="Incarnation">The chat's incarnation.</param>
/// <param name="Chat">The chat without its history.</param>
/// <param name="History">The history.</param>
/// <param name="Curated">The curated history.</param>
/// <param name="Turns">The turns of the history.</param>
/// <param name="AllTurns">The turns of all branches.</param>
internal sealed record PlainView(string Incarnation, string Chat, string History, string Curated, string Turns, string AllTurns)
{
    /// <summary>A chat as it must be.</summary>
    public static PlainView Of(PlainChat chat)
    {
        var head = chat.At(chat.Head);
        var path = chat.PathTo(chat.Head);
        return new PlainView(
            chat.Incarnation,
            $"revision {chat.Revision} head {chat.Head} turns {path.Count} pending {chat.Pending.Count} from {chat.ForkedFrom}",
            Messages.Line(head.All),
            Messages.Line(head.Curated),
            Lines(path.Select(turn => Line(turn, inHistory: true, head.Turns.Contains(turn)))),
            Lines(chat.Tree.Values.Select(turn => Line(turn, path.Contains(turn), head.Turns.Contains(turn)))));
    }

    public static string Of(Chat chat) => string.Create(
        CultureInfo.InvariantCulture,
        $"revision {chat.Revision} head {chat.HeadRevision} turns {chat.TurnCount} pending {chat.QueuedTurns + (chat.ActiveTurnId.Length > 0 ? 1 : 0)} from {(chat.ForkedFrom is { } from ? $"{from.Name}@{from.Revision}" : "")}");

    public static string Of(IEnumerable<Turn> turns) => Lines(turns.Select(turn => Line(
        turn.Revision, turn.ParentRevision, turn.InHistory, turn.Curated, turn.TurnId, turn.Model, turn.State, turn.Message, turn.Output)));

    private static string Line(PlainTurn turn, bool inHistory, bool curated) => Line(
        turn.Revision, turn.Parent, inHistory, curated, turn.TurnId, turn.RanModel, (Turn.Types.State)turn.State, turn.Message, turn.Outcome!.Contents);

    // On other branches, a turn with open calls is curated if any branch closes them.
    private static string Line(
        long revision, long parent, bool inHistory, bool curated, string id, string model, Turn.Types.State state, Content? message, IEnumerable<Content> output) => string.Create(
        CultureInfo.InvariantCulture,
        $"{revision} after {parent}{(inHistory ? " in" : "")}{(inHistory && curated ? " curated" : "")} {id[^6..]} {model} {state} [{Messages.Line(message is null ? [] : [message])}|{Messages.Line(output)}]");

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);
}

/// <summary>Compares a chat of a store with what it must be, at one instant.</summary>
internal sealed class PlainComparison(IChatStore store, Random random)
{
    /// <summary>Compares everything that clients can read.</summary>
    public void Compare(string chatId, PlainChat? plain)
    {
        var key = new ChatKey(ChatWorld.Tenant, chatId);
        if (store.LoadAsync(key, CancellationToken.None).Result is not { } snapshot)
        {
            Assert.Null(plain);
            return;
        }

        Assert.NotNull(plain);
        var (chat, view) = (snapshot.Chat, PlainView.Of(plain));
        Assert.Equal((view.Incarnation, view.Chat), (chat.Incarnation, PlainView.Of(Views.Chat(snapshot))));
        Assert.Equal(plain.ExpireTime, chat.ExpireTime);
        Assert.Equal(plain.At(plain.Head).OpenSequence, chat.OpenSequence);
        Assert.Equal(plain.Pending.Select(turn => turn.TurnId), snapshot.Pending.Select(turn => turn.TurnId));
        Assert.Equal(view.History, History(key, null, curated: false));
        Assert.Equal(view.Curated, History(key, null, curated: true));
        Assert.Equal(view.Turns, Turns(snapshot, null, allBranches: false));
        Assert.Equal(view.AllTurns, Turns(snapshot, null, allBranches: true));
        foreach (var turn in plain.Tree.Values)
        {
            Assert.Equal(turn.Revision, store.FindTurnAsync(key, turn.TurnId, CancellationToken.None).Result?.Revision);
        }

        Assert.All(plain.Erased, id => Assert.Null(store.FindTurnAsync(key, id, CancellationToken.None).Result));
        if (plain.Tree.Count > 0)
        {
            CompareBranch(key, snapshot, plain, plain.Tree.Values.ElementAt(random.Next(plain.Tree.Count)));
        }
    }

    private void CompareBranch(ChatKey key, ChatSnapshot snapshot, PlainChat plain, PlainTurn end)
    {
        var path = ChatPaths.To(snapshot.Chat.Tree, end.Sequence);
        var expected = plain.At(end.Revision);
        Assert.Equal(Messages.Line(expected.All), History(key, path, curated: false));
        Assert.Equal(Messages.Line(expected.Curated), History(key, path, curated: true));
        var turns = plain.PathTo(end.Revision).Select(turn => turn.TurnId[^6..]).ToList();
        Assert.Equal(turns, Turns(snapshot, path, allBranches: false).Split('\n').Select(line => line.Split(' ').First(word => turns.Contains(word))));
    }

    private string History(ChatKey key, IReadOnlyList<SequenceRange>? path, bool curated)
    {
        var contents = new List<Content>();
        var request = new GetHistoryRequest { Curated = curated, PageSize = random.Next(5) };
        do
        {
            var page = new HistoryPager(key, store, path, request).ReadAsync(CancellationToken.None).Result!;
            contents.AddRange(page.History);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return Messages.Line(contents);
    }

    private string Turns(ChatSnapshot snapshot, IReadOnlyList<SequenceRange>? path, bool allBranches)
    {
        var turns = new List<Turn>();
        var request = new ListTurnsRequest { AllBranches = allBranches, View = TurnView.Full, PageSize = random.Next(1, 5), NewestFirst = random.Next(2) == 0 };
        do
        {
            var page = new TurnPager(snapshot.Chat.Key, store, snapshot.Chat, path, request).ReadAsync(CancellationToken.None).Result!;
            turns.AddRange(page.Turns);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        if (request.NewestFirst)
        {
            turns.Reverse();
        }

        return PlainView.Of(turns);
    }
}
