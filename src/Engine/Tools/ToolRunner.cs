using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Tools;

/// <summary>Runs a call of a tool, whatever the tool does.</summary>
internal sealed class ToolRunner(TimeProvider time, ILogger logger)
{
    /// <summary>Where tools run: not where their chats do, as a tool that is busy must not keep readers waiting.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>Runs a call.</summary>
    /// <returns>What the model is sent: what the tool returned, or what went wrong. It is nobody else's.</returns>
    /// <exception cref="OperationCanceledException">The call was to stop.</exception>
    public async Task<Struct> RunAsync(RegisteredTool tool, ChatToolCall call, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        using var span = ChatTracing.StartTool(tool.Name, call.CallId);
        using var timeout = new CancellationTokenSource(tool.Options.Timeout, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            // A call that is to stop before it has begun is not begun: another session may have run it by then.
            var token = ends.Token;
            var running = Task.Factory.StartNew(() => tool.Tool.InvokeAsync(call, token).AsTask(), token, TaskCreationOptions.None, Scheduler).Unwrap();
            return Read(await running.WaitAsync(token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            ChatTracing.Fail(span, "timeout");
            ToolLog.TimedOut(logger, tool.Name, tool.Options.Timeout);
            return Error($"The tool did not answer within {tool.Options.Timeout.TotalSeconds:0.###} s.");
        }
        catch (Exception failure)
        {
            ChatTracing.Fail(span, failure.GetType().FullName);
            ToolLog.Failed(logger, tool.Name, failure.GetType().Name);
            ToolLog.FailedWith(logger, tool.Name, failure);
            return Error(failure.Message);
        }
    }

    /// <summary>What the model is told of a call that failed.</summary>
    public static Struct Error(string message) => new() { Fields = { ["error"] = Value.ForString(message) } };

    // What could not be read again from the store, or by a client, must not get there.
    private static Struct Read(Struct? result)
    {
        var chunk = new TurnEvent { Chunk = FunctionCalls.Response([new Part { FunctionResponse = new FunctionResponse { Response = result ?? new Struct() } }]) };
        try
        {
            return TurnEvent.Parser.ParseFrom(chunk.ToByteArray()).Chunk.Candidates[0].Content.Parts[0].FunctionResponse.Response;
        }
        catch (InvalidProtocolBufferException)
        {
            throw new InvalidOperationException("The tool returned what is nested too deeply.");
        }
    }
}
