using System.Globalization;

namespace Orleans.Runtime
{
    /// <summary>The base of what the runtime throws.</summary>
    public class OrleansException : Exception
    {
        public OrleansException() : base("Unexpected error.")
        {
        }

        public OrleansException(string message) : base(message)
        {
        }

        public OrleansException(string message, Exception? innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>A request was turned away before it ran.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message) : base(message)
        {
        }

        internal OrleansMessageRejectionException(string message, Exception? innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>The silo that had to answer is gone, or is going.</summary>
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        public SiloUnavailableException() : base("Silo unavailable.")
        {
        }

        public SiloUnavailableException(string msg) : base(msg)
        {
        }

        public SiloUnavailableException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    public sealed class GatewayTooBusyException : OrleansException
    {
        public GatewayTooBusyException() : base("Gateway too busy.")
        {
        }

        public GatewayTooBusyException(string message) : base(message)
        {
        }

        public GatewayTooBusyException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }

    /// <summary>More requests wait for an activation than <c>MaxEnqueuedRequestsHardLimit</c> allows.</summary>
    public sealed class LimitExceededException : OrleansException
    {
        public LimitExceededException() : base("Limit exceeded.")
        {
        }

        public LimitExceededException(string message) : base(message)
        {
        }

        public LimitExceededException(string message, Exception innerException) : base(message, innerException)
        {
        }

        public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
            : base(string.Create(CultureInfo.InvariantCulture, $"Limit {limitName} exceeded: {current} of {threshold}. {extraInfo}"))
        {
        }
    }

    /// <summary>Options that cannot work.</summary>
    public sealed class OrleansConfigurationException : Exception
    {
        public OrleansConfigurationException(string message) : base(message)
        {
        }

        public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Runtime.Messaging
{
    public class ConnectionFailedException : OrleansException
    {
        public ConnectionFailedException()
        {
        }

        public ConnectionFailedException(string message) : base(message)
        {
        }

        public ConnectionFailedException(string message, Exception innerException) : base(message, innerException)
        {
        }
    }
}
