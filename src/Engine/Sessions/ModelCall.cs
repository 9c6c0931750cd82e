using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Models;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>One attempt of a turn: calls the model, and the host's tools, publishes the chunks, and says what became of it.</summary>
internal sealed class ModelCall(
    ActiveTurn turn,
    ChatRecord chat,
    CuratedHistory history,
    OpenExchange exchange,
    IReadOnlyList<TurnProgress> progress,
    Func<TurnProgress, Task> keep,
    SessionServices services)
{
    // A model that never waits would hold the chat's scheduler for itself.
    private const int ChunksBeforeYield = 64;

    private readonly TurnRecorder _recorder = new(turn.Record.Input.Stream);
    private Turn.Types.Error? _error;
    private bool _cancelled;
    private bool _isOpen;
    private bool _isOver;
    private Task _lastRead = Task.CompletedTask;

    /// <summary>Whether the attempt was cut short to be left to another server. The rest of what it says has no meaning then.</summary>
    public bool IsReleased => _cancelled && turn.Cause is StopCause.Released or StopCause.Abandoned;

    /// <summary>How the turn ended.</summary>
    public TurnState State { get; private set; }

    /// <summary>Whether the history keeps it.</summary>
    public bool Recorded { get; private set; }

    /// <summary>Whether later turns carry it.</summary>
    public bool Curated { get; private set; }

    /// <summary>What is stored of it.</summary>
    public TurnOutcome Outcome { get; private set; } = new();

    /// <summary>Runs the attempt to its end, and leaves it to <see cref="Conclude"/> what that means. It throws nothing.</summary>
    public async Task RunAsync()
    {
        await ReceiveAllAsync();

        // A model that was abandoned may go on, but may not read the chat's history, which is the next turn's now.
        await ReadAloneAsync(() =>
        {
            _isOver = true;
            return ValueTask.FromResult(true);
        });
    }

    private async Task ReceiveAllAsync()
    {
        try
        {
            _error = await AnswerAsync();
        }
        catch (OperationCanceledException) when (turn.Stop.IsCancellationRequested)
        {
            _cancelled = true;
        }
        catch (ChatConflictException)
        {
            // The session is over, and has stopped the turn.
            _cancelled = true;
        }
        catch (ModelException failure)
        {
            _error = TurnErrors.From(failure);
        }
        catch (ChatException failure)
        {
            _error = TurnErrors.From(failure);
        }
        catch (Exception defect)
        {
            EngineLog.TurnDefect(services.Log, defect);
            _error = TurnErrors.Defect();
        }
    }

    /// <summary>
    /// Says how the turn ended. Called after the run, and again where the turn was stopped since: a stop that came after the last chunk counts.
    /// </summary>
    public void Conclude()
    {
        State = _cancelled || turn.Cause is StopCause.RolledBack ? TurnState.Cancelled
            : _error is null ? TurnState.Completed
            : TurnState.Failed;
        Recorded = State is TurnState.Completed || (_recorder.HasChunks && turn.Cause is not StopCause.RolledBack);
        Outcome = _recorder.ToOutcome(Recorded, State is TurnState.Failed ? _error : null);
        if (State is TurnState.Completed && _recorder.IsValid())
        {
            Outcome.Open = _isOpen;
            Curated = !Outcome.Open;
        }
    }

    private async Task<Turn.Types.Error?> AnswerAsync()
    {
        turn.Stop.ThrowIfCancellationRequested();
        var input = turn.Record.Input;
        if (input.HasExpectedRevision && input.ExpectedRevision != chat.Revision)
        {
            throw ChatErrors.RevisionMismatch(input.ExpectedRevision, chat.Revision);
        }

        if (!services.Models.TryResolve(chat.Settings.Model, out var model))
        {
            throw ChatErrors.UnknownModel(chat.Settings.Model, "model");
        }

        var config = ConfigMerge.Effective(chat.Settings.Config, input.Config, input.ConfigMode);
        var tools = services.Tools.Select(config);
        var contents = await ReadContentsAsync(input);
        var rounds = new ToolRounds(chat.Key, turn, tools, _recorder, contents, services.ToolRunner, keep, services.Options.MaxConcurrentToolCalls);
        for (var goOn = progress.Count == 0 || await rounds.ResumeAsync(progress); goOn; goOn = await rounds.GoOnAsync())
        {
            var request = new ModelRequest
            {
                Model = chat.Settings.Model,
                Contents = [.. contents.List],
                ReadHistoryAsync = ReadHistoryAsync,
                Config = tools?.Config ?? config,
                ConversationId = chat.Key.ChatId,
                Stream = input.Stream,
                TurnStartTimestamp = turn.StartTimestamp,
            };
            if (IsTooLarge || !await ReceiveAsync(model, request))
            {
                return _recorder.Bytes > services.Options.MaxResponseBytes
                    ? TurnErrors.ResponseTooLarge(services.Options.MaxResponseBytes)
                    : TurnErrors.ResponseTooLargeNow(services.Server.Slots.MaxResponseBytes);
            }
        }

        _isOpen = rounds.IsOpen;
        return null;
    }

    private bool IsTooLarge => _recorder.Bytes > Math.Min(services.Options.MaxResponseBytes, services.Server.Slots.MaxResponseBytes);

    // False: the model answers too much.
    private async Task<bool> ReceiveAsync(IChatModel model, ModelRequest request)
    {
        await using var chunks = new AbandonableSequence<GenerateContentResponse>(model.GenerateAsync(request, turn.Stop), onContext: true, turn.Stop);
        for (var count = 1; await chunks.MoveNextAsync(); count++)
        {
            var chunk = chunks.Current;
            if (request.Stream && !_recorder.HasChunks)
            {
                services.Metrics.FirstChunk(chat.Key, turn.Age);
            }

            turn.Publish(chunk, _recorder);
            if (IsTooLarge)
            {
                return false;
            }

            if (count % ChunksBeforeYield == 0)
            {
                await Task.Yield();
            }
        }

        return true;
    }

    // The message; when it answers function calls, behind the exchange that they are in.
    private async ValueTask<SentContents> ReadContentsAsync(TurnInput input)
    {
        var contents = new SentContents();
        if (!FunctionCalls.HasResponses(input.Message))
        {
            contents.Add(input.Message);
            return contents;
        }

        await Guarded(async () =>
        {
            await exchange.ReadAsync(chat.OpenSequence, turn.Stop);
            return true;
        });
        if (exchange.Calls().Answer(input.Message) is { } mismatch)
        {
            throw ChatErrors.FunctionResponseMismatch(TurnRequest.MessageField(input), mismatch);
        }

        contents = exchange.Contents();
        contents.Add(input.Message);
        return contents;
    }

    private ValueTask<IReadOnlyList<Content>> ReadHistoryAsync(CancellationToken cancellationToken) => ReadAloneAsync(() =>
    {
        var last = (chat.OpenSequence > 0 ? chat.OpenSequence : turn.Record.Sequence) - 1;
        return _isOver ? throw new OperationCanceledException("The turn is over.") : Guarded(() => history.ReadAsync(last, cancellationToken));
    });

    // One read of the history after the other: a model that was abandoned may be in one when the next model is called.
    private async ValueTask<T> ReadAloneAsync<T>(Func<ValueTask<T>> read)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Interlocked.Exchange(ref _lastRead, done.Task);
        try
        {
            return await read();
        }
        finally
        {
            done.SetResult();
        }
    }

    private async ValueTask<T> Guarded<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (ChatStoreException failure)
        {
            EngineLog.StoreFailed(services.Log, failure);
            throw ChatErrors.Store(failure);
        }
    }
}
