namespace GenAI.Chats.Engine.Tools;

/// <summary>Runs calls of tools, whatever a tool does.</summary>
internal sealed class ToolRunner(TimeProvider time, ILogger<ToolRunner> logger)
{
    /// <summary>Gets the scheduler that tools run on. It isn't the chats' own: a busy tool must not keep readers waiting.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>Runs a call.</summary>
    /// <returns>The response that the model gets: the tool's result, or the error. The caller owns it.</returns>
    /// <exception cref="OperationCanceledException">The call was stopped.</exception>
    public async Task<Struct> RunAsync(RegisteredTool tool, ChatToolCall call, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        using var span = ChatTracing.StartTool(tool.Name, call.CallId);
        using var timeout = new CancellationTokenSource(tool.Options.Timeout, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop, timeout.Token);
        try
        {
            // A call that was stopped before it started must not start: by then, another session may have run it.
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
            return Error($"Tool timed out after {tool.Options.Timeout.TotalSeconds:0.###} s.");
        }
        catch (Exception failure)
        {
            ChatTracing.Fail(span, failure.GetType().FullName);
            ToolLog.Failed(logger, tool.Name, failure.GetType().Name);
            ToolLog.FailedWith(logger, tool.Name, failure);
            return Error(failure.Message);
        }
    }

    /// <summary>Returns the response that the model gets for a failed call.</summary>
    public static Struct Error(string message) => new() { Fields = { ["error"] = Value.ForString(message) } };

    // A result that is nested too deeply couldn't be read again from the store, nor by a client. A client reads it as part of an event.
    private static Struct Read(Struct? result)
    {
        var part = new Part { FunctionResponse = new FunctionResponse { Response = result ?? new Struct() } };
        var candidate = new Candidate { Content = new Content { Parts = { part } } };
        var bytes = new TurnEvent { Chunk = new GenerateContentResponse { Candidates = { candidate } } }.ToByteArray();
        try
        {
            return TurnEvent.Parser.ParseFrom(bytes).Chunk.Candidates[0].Content.Parts[0].FunctionResponse.Response;
        }
        catch (InvalidProtocolBufferException)
        {
            throw new InvalidOperationException("The tool result is nested too deeply.");
        }
    }
}
