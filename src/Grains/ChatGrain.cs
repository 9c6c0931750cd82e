using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Watching;
using GenAI.Chats.Grains.Telemetry;
using Orleans.Runtime.Placement;

namespace GenAI.Chats.Grains;

/// <summary>An activation with a <see cref="IChatSession"/>, which gets the calls, and decides how long the activation is kept.</summary>
[GrainType("chat")]
internal sealed class ChatGrain(IChatSessions sessions, ChatMetrics metrics, IChatMoves moves) : Grain, IChatGrain, ISessionHost
{
    private IChatSession? _session;
    private ChatException? _failure;
    private bool _isOfUse;

    // If an activation fails, the runtime throws exceptions that tell the caller nothing. So the activation succeeds, and its calls fail.
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        metrics.ActiveChanged(1);
        _session = sessions.Create(ChatKey.Parse(this.GetPrimaryKeyString()), this);
        try
        {
            await _session.OpenAsync(cancellationToken);
        }
        catch (ChatException failure)
        {
            _failure = failure;
        }
    }

    // Never waits: a stopping server has other activations to end.
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.ActiveChanged(-1);
        _session?.Close();
        return Task.CompletedTask;
    }

    public Task<Chat> CreateAsync(CreateChatRequest request) => Serve(s => s.CreateAsync(request));

    public Task<Chat> GetAsync(CancellationToken cancellationToken) => Serve(s => s.GetAsync(cancellationToken));

    public Task<Chat> UpdateAsync(UpdateChatRequest request) => Serve(s => s.UpdateAsync(request));

    public Task<bool> DeleteAsync(string requestId) => Serve(s => s.DeleteAsync(requestId));

    public ValueTask<AcceptedTurn> SendAsync(SendMessageRequest request, bool stream) => new(Serve(s => s.SendAsync(request, stream)));

    public ValueTask<AcceptedTurn> RecordAsync(RecordHistoryRequest request) => new(Serve(s => s.RecordAsync(request)));

    public ValueTask<TurnEvents> ReadTurnAsync(string turnId, long afterOffset) => new(ServeAsync(s => s.ReadTurnAsync(turnId, afterOffset)));

    public ValueTask<WatchEvents> WatchAsync(WatchChatRequest request, bool isFirst) => new(ServeAsync(s => s.WatchAsync(request, isFirst)));

    public Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken) => Serve(s => s.GetTurnAsync(turnId, cancellationToken));

    public Task<Turn> GetRequestedTurnAsync(string requestId, CancellationToken cancellationToken) =>
        Serve(s => s.GetRequestedTurnAsync(requestId, cancellationToken));

    public Task<Turn> CancelTurnAsync(string turnId) => Serve(s => s.CancelTurnAsync(turnId, CancellationToken.None));

    public Task<Chat> ForkAsync(ForkChatRequest request) =>
        Serve(s => s.ForkAsync(request, ChatKey.OfName(ChatKey.Parse(this.GetPrimaryKeyString()).Tenant, request.Name)));

    public Task<Chat> RewindAsync(RewindChatRequest request) => Serve(s => s.RewindAsync(request, CancellationToken.None));

    public Task<ListTurnsResponse> ListTurnsAsync(ListTurnsRequest request, CancellationToken cancellationToken) =>
        Serve(s => s.ListTurnsAsync(request, cancellationToken));

    public Task<GetHistoryResponse> GetHistoryAsync(GetHistoryRequest request, CancellationToken cancellationToken) =>
        Serve(s => s.GetHistoryAsync(request, cancellationToken));

    public Task WakeAsync() => ServeAsync(s => s.WakeAsync());

    void ISessionHost.KeepActive() => DelayDeactivation(TimeSpan.MaxValue);

    void ISessionHost.AllowIdle() => DelayDeactivation(TimeSpan.Zero);

    // Without the hint, the chat might be placed here again.
    bool ISessionHost.TryMove()
    {
        if (moves.Choose(ChatKey.Parse(this.GetPrimaryKeyString())) is not { } silo)
        {
            return false;
        }

        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        MigrateOnIdle();
        RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        return true;
    }

    void ISessionHost.Deactivate() => DeactivateOnIdle();

    // A call with a span in its caller's trace. Reads of a turn's events have none: there are many.
    private Task<T> Serve<T>(Func<IChatSession, Task<T>> call, [CallerMemberName] string method = "") =>
        ChatTracing.IsOn ? TracedAsync(call, method) : ServeAsync(call);

    private async Task<T> TracedAsync<T>(Func<IChatSession, Task<T>> call, string method)
    {
        using var span = CallTracing.Start(method.Replace("Async", "", StringComparison.Ordinal));
        try
        {
            return await ServeAsync(call);
        }
        catch (Exception failure)
        {
            ChatTracing.Fail(span, failure is ChatException chat ? chat.Reason : failure.GetType().Name);
            throw;
        }
    }

    // A chat that doesn't exist isn't kept, as guessed names must not fill the memory. Nor is one that couldn't be read, or whose only calls were rejected.
    private async Task<T> ServeAsync<T>(Func<IChatSession, Task<T>> call)
    {
        try
        {
            var result = _failure is null ? await call(_session!) : throw _failure;
            _isOfUse = true;
            return result;
        }
        finally
        {
            if (!_session!.Exists || (!_isOfUse && _session.IsIdle))
            {
                DeactivateOnIdle();
            }
        }
    }
}
