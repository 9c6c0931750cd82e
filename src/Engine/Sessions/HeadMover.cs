namespace GenAI.Chats.Engine.Sessions;

/// <summary>Moves the head of a chat to another recorded turn, in one commit.</summary>
internal sealed class HeadMover(ChatState chat, TurnPump pump, TurnFinder turns, ChatsOptions options)
{
    // How often the turns that come in between are stopped.
    private const int MaxRounds = 5;

    /// <inheritdoc cref="IChatSession.RewindAsync"/>
    public async Task MoveAsync(RewindChatRequest request, CancellationToken cancellationToken)
    {
        for (var round = 1; ; round++)
        {
            ActiveTurn? running;
            using (await chat.EnterAsync())
            {
                await chat.FindChatAsync();
                if (await IsDoneAsync(request))
                {
                    return;
                }

                running = chat.Queue.First;
                if (running is null)
                {
                    await CommitAsync(request);
                    return;
                }

                if (request.OnBusy is not (BusyPolicy.Interrupt or BusyPolicy.Rollback) || round > MaxRounds)
                {
                    await chat.ReloadAsync();
                    running = chat.Queue.First;
                    if (running is not null)
                    {
                        throw ChatErrors.Busy();
                    }
                }
                else
                {
                    if (round == 1)
                    {
                        // A request that can't be served stops nothing.
                        await CurrentAsync(() => FindAsync(request));
                    }

                    await StopAsync(request.OnBusy is BusyPolicy.Rollback ? TurnStop.RollBack : TurnStop.Cancel);
                    running = chat.Queue.First;
                }
            }

            // The running turn ends before the head moves: its output belongs to the old head.
            if (running is not null)
            {
                await running.Log.EndedAsync(cancellationToken);
            }
        }
    }

    // Whether the same request was done before.
    private async Task<bool> IsDoneAsync(RewindChatRequest request)
    {
        if (request.RequestId.Length == 0
            || await chat.ReadAsync(s => s.FindRequestAsync(chat.Key, request.RequestId, CancellationToken.None)) is not { } earlier)
        {
            return false;
        }

        return earlier.RequestHash.Span.SequenceEqual(HashOf(request)) ? true : throw ChatErrors.RequestIdReused();
    }

    private async Task CommitAsync(RewindChatRequest request)
    {
        var step = await CurrentAsync(async () => await CreateStepAsync(request, await FindAsync(request)));
        if ((await chat.CommitAsync(step)).ExistingTurn is { } earlier)
        {
            if (!earlier.RequestHash.Span.SequenceEqual(step.Turn.RequestHash.Span))
            {
                throw ChatErrors.RequestIdReused();
            }

            await chat.ReloadAsync();
            return;
        }

        chat.Cache.Append(step);
    }

    // The head isn't moved, or left where it is, for what another server has changed since the chat was read. It may even be another chat by now.
    private async Task<T> CurrentAsync<T>(Func<Task<T>> find)
    {
        try
        {
            return await find();
        }
        catch (ChatException)
        {
            await chat.ReloadAsync();
            chat.RequireChat();
            return await find();
        }
    }

    private async Task<TurnInput.Types.Parent> FindAsync(RewindChatRequest request)
    {
        var revision = chat.Chat!.Revision;
        return request.HasExpectedRevision && request.ExpectedRevision != revision
            ? throw ChatErrors.RevisionMismatch(request.ExpectedRevision, revision)
            : await turns.FindAsync(request.Revision, "revision");
    }

    private async Task<AcceptStep> CreateStepAsync(RewindChatRequest request, TurnInput.Types.Parent node)
    {
        var (record, now) = (chat.Chat!, chat.Now);
        var input = new TurnInput { Move = new TurnInput.Types.Move { Revision = node.Revision, Erase = request.Erase } };
        var entry = new TurnRecord
        {
            Sequence = chat.LastSequence + 1,
            TurnId = Guid.CreateVersion7(now).ToString("N"),
            RequestId = request.RequestId.Length > 0 ? request.RequestId : Guid.CreateVersion7(now).ToString("N"),
            RequestHash = HashOf(request),
            State = TurnState.Completed,
            CreateTime = now,
            EndTime = now,
            Input = input,
            Outcome = new TurnOutcome(),
        };
        if (record.StoredBytes + entry.InputBytes > options.MaxHistoryBytes)
        {
            throw ChatErrors.HistoryTooLarge(options.MaxHistoryBytes);
        }

        var context = await chat.Contexts.OfAsync(chat.Chat!, new TurnInput { Parent = node }, CancellationToken.None);
        return new AcceptStep
        {
            Turn = entry,
            Version = record.Version,
            ExpectedRevision = record.Revision,
            Head = new HeadChange(record.Revision, Recorded: false, entry.InputBytes, record.TotalUsage, now)
            {
                Moves = true,
                Tree = request.Erase ? chat.Tree.EraseAfter(node.Sequence, node.Revision) : chat.Tree.MoveTo(node.Sequence, node.Revision),
                TurnCount = chat.Tree.CountTo(node.Revision),
                Keeps = request.Erase ? ChatPaths.To(record.Tree, node.Sequence) : null,
                OpenSequence = context.OpenSequence,
                Ttl = record.Settings.Ttl?.ToTimeSpan(),
            },
        };
    }

    // The stops are stored. If this server fails, another one ends the turns, and the client sends the request again.
    private async Task StopAsync(TurnStop stop)
    {
        // The last one first, so that none of them starts in between.
        foreach (var turn in chat.Queue.ToArray().Reverse())
        {
            if (turn.Record.Stop < stop)
            {
                await chat.CommitAsync(new StopStep(turn.Record.Sequence, turn.Record.TurnId, stop));
                turn.Record = turn.Record with { Stop = stop };
            }

            await pump.StopAsync(turn);
        }
    }

    private static byte[] HashOf(RewindChatRequest request) =>
        CanonicalHash.Of(new RewindChatRequest { Revision = request.Revision, Erase = request.Erase });
}
