using System.Diagnostics;
using GenAI.Chats.Engine.Telemetry;

namespace GenAI.Chats.Grains.Telemetry;

/// <summary>Carries the caller's trace from one process to another with a call of a grain.</summary>
internal static class CallTracing
{
    // The name that Orleans' own propagation uses.
    private const string TraceParent = "traceparent";

    /// <summary>Sends the current trace with the grain calls that follow. It ends with the asynchronous method that calls it.</summary>
    public static void Send()
    {
        if (ChatTracing.IsOn && Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            RequestContext.Set(TraceParent, id);
        }
    }

    /// <summary>Starts the span of a call of a chat, as a child of its caller's. Returns null if there is none, or without listeners.</summary>
    public static Activity? Start(string method) => ChatTracing.StartCall(method, RequestContext.Get(TraceParent) as string);
}
