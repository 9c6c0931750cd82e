using System.Diagnostics;

namespace GenAI.Chats.Engine.Telemetry;

/// <summary>
/// Spans of chats. A request's trace context goes with the call to the chat, and with the turn into the store: every attempt of a turn is a child of the
/// accepted call, whenever and wherever it runs. Without listeners, this class does nothing.
/// </summary>
public static class ChatTracing
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "GenAI.Chats.Engine";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Gets whether there are listeners.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Starts the span of a call to a chat, as a child of the caller's span. Returns null if there is none, or without listeners.</summary>
    /// <param name="method">The method.</param>
    /// <param name="traceParent">The caller's trace context, used if there is no current span.</param>
    public static Activity? StartCall(string method, string? traceParent)
    {
        if (!IsOn)
        {
            return null;
        }

        // If Orleans propagates activities, its span is the current one.
        var parent = Activity.Current?.Context ?? (TryParse(traceParent, out var remote) ? remote : default);
        return parent == default ? null : Source.StartActivity($"ChatGrain/{method}", ActivityKind.Server, parent);
    }

    /// <summary>Gets the trace context of the current call, for a turn that is accepted. Empty if there is none.</summary>
    internal static string Accepting => IsOn && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Recorded: true, Id: { } id } ? id : "";

    /// <summary>Marks the current call as one about a turn that an earlier call created.</summary>
    internal static void Join(TurnRecord turn)
    {
        if (IsOn && Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("chats.turn.id", turn.TurnId);
            span.SetTag("chats.turn.joined", true);
            if (turn.HasInput && TryParse(turn.Input.TraceParent, out var begun))
            {
                span.AddLink(new ActivityLink(begun));
            }
        }
    }

    /// <summary>Marks the current call as the one that created a turn.</summary>
    internal static void Accepted(TurnRecord turn)
    {
        if (IsOn && Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("chats.turn.id", turn.TurnId);
            span.SetTag("chats.turn.joined", false);
        }
    }

    /// <summary>Leaves the current trace: background work is done for turns of several traces.</summary>
    internal static void Detach()
    {
        if (Activity.Current is not null)
        {
            Activity.Current = null;
        }
    }

    /// <summary>Starts the span of a queued turn's start.</summary>
    internal static Activity? StartQueued(TurnRecord turn) => Start("turn.recover", turn);

    /// <summary>Starts the span of a turn's attempt.</summary>
    internal static Activity? StartTurn(ChatKey key, string model, TurnRecord turn)
    {
        var span = Start("turn", turn);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("gen_ai.conversation.id", key.ChatId);
            span.SetTag("gen_ai.request.model", model);
            span.SetTag("chats.turn.id", turn.TurnId);
            span.SetTag("chats.turn.attempt", turn.Attempt);
        }

        return span;
    }

    /// <summary>Sets the outcome of an attempt.</summary>
    /// <param name="span">The attempt's span.</param>
    /// <param name="outcome">How the turn ended.</param>
    /// <param name="error">Why the turn failed. Null if it didn't.</param>
    internal static void End(Activity? span, string outcome, Turn.Types.Error? error)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("chats.turn.outcome", outcome);
            Fail(span, error?.Reason);
        }
    }

    /// <summary>Starts the span of a tool call.</summary>
    internal static Activity? StartTool(string name, string callId)
    {
        if (Activity.Current is null || Source.StartActivity($"execute_tool {name}") is not { IsAllDataRequested: true } span)
        {
            return null;
        }

        span.SetTag("gen_ai.operation.name", "execute_tool");
        span.SetTag("gen_ai.tool.name", name);
        span.SetTag("gen_ai.tool.type", "function");
        span.SetTag("gen_ai.tool.call.id", callId);
        return span;
    }

    /// <summary>Sets the error of a span: a reason from a small set, never text.</summary>
    public static void Fail(Activity? span, string? reason)
    {
        if (span is not null && reason is not null)
        {
            span.SetTag("error.type", reason);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    // A turn whose trace wasn't recorded must not start one in the middle, and neither must its model calls.
    private static Activity? Start(string name, TurnRecord turn)
    {
        if (!IsOn)
        {
            return null;
        }

        var parent = TryParse(turn.Input.TraceParent, out var accepting)
            ? accepting
            : new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, isRemote: true);
        return Source.StartActivity(name, ActivityKind.Internal, parent);
    }

    private static bool TryParse(string? traceParent, out ActivityContext context) => ActivityContext.TryParse(traceParent, null, isRemote: true, out context);
}
