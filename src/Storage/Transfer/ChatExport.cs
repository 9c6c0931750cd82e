using System.Runtime.CompilerServices;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>Exports one chat, as it was at one instant.</summary>
internal sealed class ChatExport
{
    private const int TurnsPerPage = 100;
    private const long BytesPerPage = 8 << 20;

    private readonly IChatStore _store;
    private readonly ChatSnapshot _snapshot;
    private readonly bool _withBranches;
    private TransferNumbers? _numbers;

    private ChatExport(IChatStore store, ChatSnapshot snapshot, bool withBranches)
    {
        (_store, _snapshot, _withBranches) = (store, snapshot, withBranches);
        Chat = TransferRecords.ToMessage(snapshot);
    }

    /// <summary>The head.</summary>
    public TransferChat Chat { get; }

    private ChatTree? Tree => _snapshot.Chat.Tree;

    /// <summary>Prepares an export. If the chat has a tree, this reads the turns once, to number them.</summary>
    public static async Task<ChatExport> OpenAsync(IChatStore store, ChatSnapshot snapshot, bool withBranches, CancellationToken cancellationToken)
    {
        var export = new ChatExport(store, snapshot, withBranches);
        if (export.Tree is { } tree)
        {
            var numbers = new TransferNumbers(tree, snapshot.Chat.Revision);
            await foreach (var turn in export.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // The turn that a pending one follows might be on another branch.
                if (!turn.IsPending || turn.Input.Parent is null || numbers.HasRecorded(turn.Input.Parent.Revision))
                {
                    numbers.Add(turn);
                }
            }

            numbers.Apply(export.Chat);
            export._numbers = numbers;
        }

        return export;
    }

    /// <summary>Reads the turns, in order.</summary>
    public async IAsyncEnumerable<TransferTurn> TurnsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var turn in ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            IReadOnlyList<TurnProgress> progress = turn.IsPending
                ? await _store.ReadProgressAsync(_snapshot.Chat.Key, turn.TurnId, cancellationToken).ConfigureAwait(false)
                : [];
            var message = TransferRecords.ToMessage(turn, progress);
            if (_numbers is null)
            {
                yield return message;
            }
            else if (_numbers.Apply(message) is { } numbered)
            {
                yield return numbered;
            }
        }
    }

    private async IAsyncEnumerable<TurnRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isWhole = Tree is null || _withBranches;
        var range = new LogRange(0, TurnsPerPage, BytesPerPage, _snapshot.Chat.Incarnation)
        {
            Scope = isWhole ? LogScope.Whole : LogScope.Path,
            Path = isWhole ? null : ChatPaths.ToHead(Tree),
            BeforeSequence = _snapshot.LastSequence + 1,
        };
        LogPage? page;
        do
        {
            page = await _store.ReadLogAsync(_snapshot.Chat.Key, range, cancellationToken).ConfigureAwait(false);
            foreach (var turn in page?.Turns ?? [])
            {
                range = range with { AfterSequence = turn.Sequence };
                if (isWhole || !IsPending(turn))
                {
                    yield return AtInstant(turn);
                }
            }
        }
        while (page is { HasMore: true });

        foreach (var pending in isWhole ? [] : _snapshot.Pending)
        {
            if (await _store.ReadInputAsync(_snapshot.Chat.Key, pending.TurnId, cancellationToken).ConfigureAwait(false) is { } input)
            {
                yield return pending with { Input = input };
            }
        }
    }

    private bool IsPending(TurnRecord turn) => _snapshot.Pending.Any(pending => pending.Sequence == turn.Sequence);

    // Since the snapshot, pending turns might have ended, and with them the open exchange.
    private TurnRecord AtInstant(TurnRecord turn)
    {
        if (_snapshot.Pending.FirstOrDefault(pending => pending.Sequence == turn.Sequence) is { } pending)
        {
            return pending.WithInputOf(turn);
        }

        var isOpen = _snapshot.Chat.OpenSequence is > 0 and var open && turn.Sequence >= open
            && (Tree is null || new HistoryTree(Tree, _snapshot.Chat.Revision).IsInHistory(turn.Revision));
        return isOpen ? turn with { Curated = false } : turn;
    }
}
