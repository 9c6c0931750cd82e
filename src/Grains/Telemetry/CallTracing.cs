using System.Diagnostics;

namespace GenAI.Chats.Grains.Telemetry;

/// <summary>Propagates the caller's trace context with grain calls.</summary>
public static class CallTracing
{
    // The name that Orleans uses.
    private const string TraceParent = "traceparent";

    /// <summary>Sends the current trace context with the grain calls that follow in the calling async method.</summary>
    public static void Send()
    {
        if (ChatTracing.IsOn && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            RequestContext.Set(TraceParent, id);
        }
    }

    /// <summary>Starts the span of a call to a chat, as a child of the caller's span. Returns null if there is none, or without listeners.</summary>
    internal static Activity? Start(string method) => ChatTracing.StartCall(method, RequestContext.Get(TraceParent) as string);
}
