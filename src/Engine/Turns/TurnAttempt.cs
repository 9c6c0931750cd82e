using GenAI.Chats.Models;
using GenAI.Chats.Models.Calls;

namespace GenAI.Chats.Engine.Turns;

/// <summary>One attempt of a turn: calls the model and the server-side tools, publishes the chunks, and says how the turn ended.</summary>
internal sealed class TurnAttempt(ActiveTurn turn, ChatRecord chat, TurnContext context, TurnAttempts shared)
{
    // A model that never waits would keep the chat's scheduler to itself.
    private const int ChunksBeforeYield = 64;

    private readonly TurnRecorder _recorder = new(turn.Record.Input.Stream);
    private Turn.Types.Error? _error;
    private bool _cancelled;
    private bool _isOpen;
    private bool _isOver;
    private Task _lastRead = Task.CompletedTask;

    /// <summary>Gets whether the attempt was stopped so that another server runs the turn. The other properties have no meaning then.</summary>
    public bool IsReleased => _cancelled && turn.Cause is StopCause.Released or StopCause.Abandoned;

    /// <summary>Gets how the turn ended.</summary>
    public TurnState State { get; private set; }

    /// <summary>Gets whether the turn becomes part of the history.</summary>
    public bool Recorded { get; private set; }

    /// <summary>Gets whether the turn becomes part of the curated history.</summary>
    public bool Curated { get; private set; }

    /// <summary>Gets what is stored of the turn.</summary>
    public TurnOutcome Outcome { get; private set; } = new();

    /// <summary>Runs the attempt to its end. <see cref="Conclude"/> says how the turn ended. It throws nothing.</summary>
    /// <param name="progress">What earlier attempts have kept.</param>
    /// <param name="keep">Keeps a step.</param>
    public async Task RunAsync(IReadOnlyList<TurnProgress> progress, Func<TurnProgress, Task> keep)
    {
        await ReceiveAllAsync(progress, keep);

        // A model call that was abandoned may go on, but must not read the chat's history, which is the next turn's now.
        await ReadAloneAsync(() =>
        {
            _isOver = true;
            return ValueTask.FromResult(true);
        });
    }

    /// <summary>
    /// Sets how the turn ended. Called after the run, and again if the turn was stopped since: a rollback that came after the last chunk counts, whatever
    /// stopped the run.
    /// </summary>
    public void Conclude()
    {
        var isRolledBack = turn.Record.Stop is TurnStop.RollBack;
        State = _cancelled || isRolledBack ? TurnState.Cancelled
            : _error is null ? TurnState.Completed
            : TurnState.Failed;

        // A turn that opens a branch leaves the history as it is, unless it completes.
        Recorded = State is TurnState.Completed || (_recorder.HasChunks && !isRolledBack && !context.IsBranch);
        Outcome = _recorder.ToOutcome(Recorded, State is TurnState.Failed ? _error : null);
        Outcome.Model = Model;
        var isValid = State is TurnState.Completed && _recorder.IsValid();
        Outcome.Open = isValid && _isOpen;
        Curated = isValid && !_isOpen;
    }

    private async Task ReceiveAllAsync(IReadOnlyList<TurnProgress> progress, Func<TurnProgress, Task> keep)
    {
        try
        {
            _error = await AnswerAsync(progress, keep);
        }
        catch (OperationCanceledException) when (turn.Stop.IsCancellationRequested)
        {
            _cancelled = true;
        }
        catch (ChatConflictException)
        {
            // The session is closed, and has stopped the turn.
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
            EngineLog.TurnDefect(shared.Log, chat.Key, turn.Record.TurnId, defect);
            _error = TurnErrors.Defect();
        }
    }

    private async Task<Turn.Types.Error?> AnswerAsync(IReadOnlyList<TurnProgress> progress, Func<TurnProgress, Task> keep)
    {
        turn.Stop.ThrowIfCancellationRequested();
        var input = turn.Record.Input;
        if (TurnChecks.Revision(input, chat.Revision) is { } mismatch)
        {
            throw mismatch;
        }

        if (!shared.Models.TryResolve(Model, out var model))
        {
            throw ChatErrors.UnknownModel(Model, "model");
        }

        var config = ConfigMerge.Effective(chat.Settings.Config, input.Config, input.ConfigMode);
        var tools = shared.Tools.Select(config);
        var contents = await ReadContentsAsync(input);
        var rounds = new ToolRounds(chat.Key, turn, tools, _recorder, contents, keep);
        for (var goOn = progress.Count == 0 || await rounds.ResumeAsync(progress); goOn; goOn = await rounds.GoOnAsync())
        {
            var request = new ModelRequest
            {
                Model = Model,
                Contents = [.. contents.List],
                ReadHistoryAsync = ReadHistoryAsync,
                Config = tools?.Config ?? config,
                ConversationId = chat.Key.ChatId,
                Stream = input.Stream,
                TurnStartTimestamp = turn.StartTimestamp,
            };
            if (IsTooLarge || !await ReceiveAsync(model, request))
            {
                return _recorder.Bytes > shared.Options.MaxResponseBytes
                    ? TurnErrors.ResponseTooLarge(shared.Options.MaxResponseBytes)
                    : TurnErrors.ResponseTooLargeNow(shared.MaxResponseBytesNow);
            }
        }

        _isOpen = rounds.IsOpen;
        return null;
    }

    private string Model => turn.Record.Input.Model is { Length: > 0 } model ? model : chat.Settings.Model;

    private bool IsTooLarge => _recorder.Bytes > Math.Min(shared.Options.MaxResponseBytes, shared.MaxResponseBytesNow);

    // Returns false if the model answers too much.
    private async Task<bool> ReceiveAsync(IChatModel model, ModelRequest request)
    {
        await using var chunks = new AbandonableSequence<GenerateContentResponse>(model.GenerateAsync(request, turn.Stop), onContext: true, turn.Stop);
        for (var count = 1; await chunks.MoveNextAsync(); count++)
        {
            var chunk = chunks.Current;
            if (request.Stream && !_recorder.HasChunks)
            {
                shared.Metrics.FirstChunk(chat.Key, turn.Age);
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

    // The message. If it has function responses, the exchange that they belong to comes before it.
    private async ValueTask<SentContents> ReadContentsAsync(TurnInput input)
    {
        var contents = new SentContents();
        if (TurnChecks.Responding(input) is { } responding)
        {
            var calls = await context.Exchange.ReadCallsAsync(context.OpenSequence, turn.Stop);
            if (TurnChecks.Responses(input, responding, calls) is { } mismatch)
            {
                throw mismatch;
            }

            contents = context.Exchange.Contents();
        }

        contents.Add(input.Message);
        return contents;
    }

    private ValueTask<IReadOnlyList<Content>> ReadHistoryAsync(CancellationToken cancellationToken) => ReadAloneAsync(() =>
    {
        var last = context.OpenSequence > 0 ? context.OpenSequence - 1 : Math.Min(context.End, turn.Record.Sequence - 1);
        return _isOver ? throw new OperationCanceledException("The turn is over.") : context.History.ReadAsync(last, cancellationToken);
    });

    // One read of the history at a time: a model call that was abandoned may be in one when the next model is called.
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
}
