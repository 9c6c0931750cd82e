using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <summary>A chat whose turns form a tree. It changes as the engine changes it: each change is one step.</summary>
internal sealed class TreeChat
{
    private readonly IChatStore _store;
    private readonly Dictionary<long, long> _sequences;
    private readonly long _shared;
    private ChatTree? _tree;

    private TreeChat(IChatStore store, ChatKey key, string incarnation, long revision, long last, ChatTree? tree, Dictionary<long, long> sequences)
    {
        (_store, Key, Incarnation, Revision, LastSequence, _tree, _sequences) = (store, key, incarnation, revision, last, tree, sequences);
        _shared = last;
    }

    public ChatKey Key { get; }

    public string Incarnation { get; }

    public long Revision { get; private set; }

    public long LastSequence { get; private set; }

    public HistoryTree Tree => new(_tree, Revision);

    public static async Task<TreeChat> CreateAsync(IChatStore store, ChatKey key, int pieces = 0)
    {
        Assert.Null(await store.CreateAsync(Make.Create(key, pieces)));
        return new TreeChat(store, key, Make.Incarnation, 0, pieces, null, new() { [0] = pieces });
    }

    /// <summary>The number of the turn that has a revision.</summary>
    public long SequenceOf(long revision) => _sequences[revision];

    public IReadOnlyList<SequenceRange> PathTo(long revision) => ChatPaths.To(_tree, SequenceOf(revision));

    /// <summary>Records a turn, and returns its revision.</summary>
    /// <param name="after">The revision of the turn that it follows. Null: the head.</param>
    public async Task<long> SendAsync(long? after = null)
    {
        var sequence = LastSequence + 1;
        var (tree, count) = Tree.Add(sequence, after is { } revision ? new TurnInput.Types.Parent { Sequence = SequenceOf(revision), Revision = revision } : null);
        var head = Make.Change(Revision) with { Tree = tree, TurnCount = count };

        // Turns that are generated elsewhere are recorded in one step.
        if (sequence % 3 == 0)
        {
            Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Ended(sequence, Revision + 1)) with { Head = head }));
        }
        else
        {
            Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Running(sequence))));
            await _store.EndAsync(Key, Make.End(sequence, revision: Revision) with { Head = head });
        }

        return Changed(sequence, tree);
    }

    /// <summary>Adds a turn that isn't recorded.</summary>
    public async Task FailAsync() => Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Ended(++LastSequence, revision: 0))));

    /// <summary>Moves the head.</summary>
    public async Task MoveAsync(long revision, bool erase = false)
    {
        var step = NewMove(revision, erase);
        Assert.Null(await _store.AcceptAsync(Key, step));
        Changed(step.Turn.Sequence, step.Head!.Tree);
    }

    /// <summary>Returns the step that moves the head.</summary>
    public AcceptStep NewMove(long revision, bool erase = false)
    {
        var sequence = SequenceOf(revision);
        var entry = Make.Ended(LastSequence + 1, revision: 0) with
        {
            State = TurnState.Completed,
            Input = new TurnInput { Move = new TurnInput.Types.Move { Revision = revision, Erase = erase } },
            Outcome = new TurnOutcome(),
        };
        return Make.Accept(entry) with
        {
            Head = Make.Change(Revision) with
            {
                Recorded = false,
                Moves = true,
                Tree = erase ? Tree.EraseAfter(sequence, revision) : Tree.MoveTo(sequence, revision),
                TurnCount = Tree.CountTo(revision),
                Keeps = erase ? PathTo(revision) : null,
            },
        };
    }

    /// <summary>Creates a fork.</summary>
    public async Task<TreeChat> ForkAsync(long revision, ChatKey key)
    {
        var step = NewFork(revision, key);
        var shared = _sequences.Where(turn => step.Path.Any(range => range.Contains(turn.Value)) || turn.Key == 0).ToDictionary();
        var fork = new TreeChat(_store, key, step.Chat.Incarnation, revision, SequenceOf(revision), step.Chat.Tree, shared);
        Assert.Null((await _store.ApplyAsync(key, step)).ExistingChat);
        return fork;
    }

    /// <summary>Returns the step that creates a fork.</summary>
    public ForkStep NewFork(long revision, ChatKey key, long maxChats = 1000) => new(
        Make.Chat(key) with
        {
            Incarnation = "fork-" + key.ChatId,
            Revision = revision,
            TurnCount = Tree.CountTo(revision),
            Tree = Tree.ForkAt(SequenceOf(revision), new Chat.Types.ForkPoint { Name = "chats/" + Key.ChatId, Revision = revision }),
        },
        Key,
        Incarnation,
        PathTo(revision),
        maxChats);

    /// <summary>Checks the head, the history, and each turn of the history and of other branches.</summary>
    public async Task CheckAsync(params long[] history)
    {
        var snapshot = (await _store.LoadAsync(Key, CancellationToken.None))!;
        var pieces = SequenceOf(0);
        Assert.Equal((Revision, LastSequence, (long)history.Length), (snapshot.Chat.Revision, snapshot.LastSequence, snapshot.Chat.TurnCount));
        Assert.Equal((_tree, Tree.HeadRevision), (snapshot.Chat.Tree, history.LastOrDefault()));

        var log = (await _store.ReadLogAsync(Key, new LogRange(0, 1000, long.MaxValue), CancellationToken.None))!;
        Assert.Equal((Revision, _tree, false), (log.Revision, log.Tree, log.HasMore));
        Assert.Equal([.. Enumerable.Repeat(0L, (int)pieces), .. history], log.Turns.Select(turn => turn.Revision));
        Assert.All(log.Turns.Skip((int)pieces), turn => Assert.Equal(Make.Outcome($"answer {turn.Sequence}"), turn.Outcome));

        var all = (await _store.ReadLogAsync(Key, new LogRange(0, 1000, long.MaxValue) { Scope = LogScope.Branches }, CancellationToken.None))!;
        Assert.Equal(_sequences.Keys.Where(revision => revision > 0).Order(), all.Turns.Skip((int)pieces).Select(turn => turn.Revision));
        foreach (var turn in all.Turns.Skip((int)pieces))
        {
            Assert.Equal(SequenceOf(turn.Revision), turn.Sequence);
            Assert.Equal(turn.Sequence > _shared ? Make.Queued(turn.Sequence).RequestId : "", turn.RequestId);
            Assert.Equal(Render.Of(turn), Render.Of(await _store.FindWholeTurnAsync(Key, turn.TurnId, CancellationToken.None)));
            Assert.Equal(
                Render.Of(turn.WithoutInput()),
                Render.Of(await _store.FindRevisionAsync(Key, turn.Revision, Tree.RangeOf(turn.Revision)!.Value, CancellationToken.None)));
        }
    }

    private long Changed(long sequence, ChatTree? tree)
    {
        LastSequence = sequence;
        Revision++;
        _tree = tree ?? _tree;
        if (tree?.Head is null)
        {
            _sequences[Revision] = sequence;
        }
        else
        {
            foreach (var lost in _sequences.Keys.Where(revision => revision > 0 && Tree.RangeOf(revision) is null).ToList())
            {
                _sequences.Remove(lost);
            }
        }

        return Revision;
    }
}
