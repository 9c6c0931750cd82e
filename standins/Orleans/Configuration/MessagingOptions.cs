using System.Diagnostics;

namespace Orleans.Configuration;

public abstract class MessagingOptions
{
    private TimeSpan _responseTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a caller waits. Default 30 s; under a debugger, <see cref="ResponseTimeoutWithDebugger"/>.</summary>
    public TimeSpan ResponseTimeout
    {
        get => Debugger.IsAttached ? ResponseTimeoutWithDebugger : _responseTimeout;
        set => _responseTimeout = value;
    }

    public TimeSpan ResponseTimeoutWithDebugger { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether a request is not run when its caller has stopped waiting before it began. Default true.</summary>
    public bool DropExpiredMessages { get; set; } = true;

    /// <summary>Whether a timeout cancels the token that the grain has. Default false.</summary>
    public bool CancelRequestOnTimeout { get; set; }

    /// <summary>Whether a canceled caller waits until the grain has answered all the same. Default false.</summary>
    public bool WaitForCancellationAcknowledgement { get; set; }
}

public class SiloMessagingOptions : MessagingOptions
{
    public const int DEFAULT_MAX_ENQUEUED_REQUESTS_HARD_LIMIT = 0;

    /// <summary>How often a request may be sent on when it meets activations that end. Default 2.</summary>
    public int MaxForwardCount { get; set; } = 2;

    /// <summary>How many requests may wait for or run on one activation. Default 0: any number.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; } = DEFAULT_MAX_ENQUEUED_REQUESTS_HARD_LIMIT;
}

public class ClientMessagingOptions : MessagingOptions;
