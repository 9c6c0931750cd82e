using System.Diagnostics;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Telemetry;

/// <summary>
/// Spans of chats. A send's trace goes with the call to its chat, and with the turn into the store: every attempt of a turn is a child of the call that
/// was accepted, whenever and wherever it runs. Without listeners nothing is done.
/// </summary>
internal static class ChatTracing
{
    /// <summary>The name of the source of spans.</summary>
    public const string SourceName = "GenAI.Chats.Engine";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether spans are of use to anybody.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Starts the span of a call of a chat, as a child of its caller's. Returns null if there is none, or without listeners.</summary>
    /// <param name="method">The call.</param>
    /// <param name="traceParent">The caller's span, unless a current one is.</param>
    public static Activity? StartCall(string method, string? traceParent)
    {
        if (!IsOn)
        {
            return null;
        }

        // With Orleans' own propagation its span is the current one.
        var parent = Activity.Current?.Context ?? (TryParse(traceParent, out var remote) ? remote : default);
        return parent == default ? null : Source.StartActivity($"chat {method}", ActivityKind.Server, parent);
    }

    /// <summary>The trace that the current call belongs to, for a turn that is accepted; empty where there is none.</summary>
    public static string Accepting => IsOn && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Recorded: true, Id: { } id } ? id : "";

    /// <summary>The current call turns out to be about a turn that an earlier one began.</summary>
    public static void Join(TurnRecord turn)
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

    /// <summary>The current call has appended a turn.</summary>
    public static void Accepted(TurnRecord turn)
    {
        if (IsOn && Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("chats.turn.id", turn.TurnId);
            span.SetTag("chats.turn.joined", false);
        }
    }

    /// <summary>Leaves whatever trace began what goes on from here: it is done in the background, for turns of several.</summary>
    public static void Detach()
    {
        if (Activity.Current is not null)
        {
            Activity.Current = null;
        }
    }

    /// <summary>A turn that has waited is taken up.</summary>
    public static Activity? StartTakeUp(TurnRecord turn) => Start("turn take up", turn);

    /// <summary>An attempt of a turn begins.</summary>
    public static Activity? StartTurn(ChatKey key, string model, TurnRecord turn)
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

    /// <summary>The attempt is over.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="outcome">How the turn ended; null: it did not end here.</param>
    /// <param name="error">Why it failed, if it did.</param>
    public static void End(Activity? span, string outcome, Turn.Types.Error? error)
    {
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("chats.turn.outcome", outcome);
            Fail(span, error?.Reason);
        }
    }

    /// <summary>A tool of the host's is called.</summary>
    public static Activity? StartTool(string name, string callId)
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

    /// <summary>Says what went wrong: a reason that is one of few, and no text.</summary>
    public static void Fail(Activity? span, string? reason)
    {
        if (span is not null && reason is not null)
        {
            span.SetTag("error.type", reason);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    // A turn whose trace nobody recorded is not to begin one in the middle: nor are the calls of its model.
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
